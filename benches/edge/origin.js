export default { fetch: () => Response.json({ orders: [1, 2, 3] }) };
