// Draws small charts as SVG. They need no library, and their text can be compared.

const WIDTH = 640;
const HEIGHT = 300;
const [LEFT, RIGHT, TOP, BOTTOM] = [64, 190, 40, 44];
const COLOURS = ["#1f6feb", "#d1242f", "#1a7f37", "#9a6700", "#8250df", "#57606a", "#bf3989"];

/** Lines over two logarithmic axes: `series` are `{ name, points: [[x, y]] }`. */
export function lines(title, { x, y, series }) {
  const points = series.flatMap((one) => one.points);
  const across = axis(
    points.map(([value]) => value),
    LEFT,
    WIDTH - RIGHT,
  );
  const up = axis(
    points.map(([, value]) => value),
    HEIGHT - BOTTOM,
    TOP,
  );
  const drawn = series.map(({ name, points: own }, at) => {
    const colour = COLOURS[at % COLOURS.length];
    const places = own.map(([one, other]) => [across.at(one).toFixed(1), up.at(other).toFixed(1)]);
    const dots = places.map(([cx, cy]) => `<circle cx="${cx}" cy="${cy}" r="2.5" fill="${colour}"/>`).join("");
    const line = `<polyline points="${places.map((place) => place.join(",")).join(" ")}" fill="none" stroke="${colour}" stroke-width="1.5"/>`;
    return `${line}${dots}${legend(name, at)}`;
  });
  const grid = [
    ...across.ticks.map((value) => {
      const place = across.at(value).toFixed(1);
      return `<path d="M${place} ${TOP}V${HEIGHT - BOTTOM}" stroke="#d0d7de"/>${text(place, HEIGHT - BOTTOM + 16, short(value), "middle")}`;
    }),
    ...up.ticks.map((value) => {
      const place = up.at(value).toFixed(1);
      return `<path d="M${LEFT} ${place}H${WIDTH - RIGHT}" stroke="#d0d7de"/>${text(LEFT - 6, Number(place) + 4, short(value), "end")}`;
    }),
  ];
  const named = `${text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, x, "middle")}${text(8, TOP - 5, y, "start")}`;
  return picture(title, HEIGHT, [...grid, named, ...drawn]);
}

/**
 * Bars from 1 on a logarithmic axis: `groups` are `{ name, values }`, a value for each of `series`, undefined for none.
 */
export function bars(title, { x, series, groups }) {
  const thickness = 9;
  const high = series.length * thickness + 8;
  const height = TOP + groups.length * high + BOTTOM;
  const values = groups.flatMap((group) => group.values).filter((value) => value !== undefined);
  const across = axis([0.5, 2, ...values], LEFT + 24, WIDTH - RIGHT);
  const one = across.at(1);
  const grid = across.ticks.map((value) => {
    const place = across.at(value).toFixed(1);
    const colour = value === 1 ? "#57606a" : "#d0d7de";
    return `<path d="M${place} ${TOP}V${height - BOTTOM}" stroke="${colour}"/>${text(place, height - BOTTOM + 16, short(value), "middle")}`;
  });
  const drawn = groups.map((group, row) => {
    const top = TOP + 4 + row * high;
    const rects = group.values.map((value, at) => {
      if (value === undefined) return "";
      const end = across.at(value);
      const [from, width] = [Math.min(one, end), Math.max(Math.abs(end - one), 0.5)];
      return `<rect x="${from.toFixed(1)}" y="${top + at * thickness}" width="${width.toFixed(1)}" height="${thickness - 1}" fill="${COLOURS[at % COLOURS.length]}"/>`;
    });
    return `${text(LEFT + 16, top + (series.length * thickness) / 2 + 4, group.name, "end")}${rects.join("")}`;
  });
  const named = text((LEFT + WIDTH - RIGHT) / 2, height - 8, x, "middle");
  return picture(title, height, [...grid, named, ...drawn, ...series.map(legend)]);
}

/** A logarithmic axis over the values, with a tick at each power of ten, or at halves and doubles where it is short. */
function axis(values, from, to) {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const isShort = most / least < 30;
  const base = isShort ? 2 : 10;
  const power = (value, round) => round(Math.log(value) / Math.log(base) + (round === Math.floor ? 1e-9 : -1e-9));
  const low = power(least, Math.floor);
  const high = Math.max(power(most, Math.ceil), low + 1);
  return {
    at: (value) => from + ((Math.log(value) / Math.log(base) - low) / (high - low)) * (to - from),
    ticks: Array.from({ length: high - low + 1 }, (_, step) => base ** (low + step)),
  };
}

function short(value) {
  const digits = (number) => String(Number(number.toPrecision(3)));
  if (value >= 1e6) return `${digits(value / 1e6)}M`;
  return value >= 1e3 ? `${digits(value / 1e3)}k` : digits(value);
}

function legend(name, at) {
  const y = TOP + 10 + at * 17;
  const colour = COLOURS[at % COLOURS.length];
  return `<rect x="${WIDTH - RIGHT + 12}" y="${y - 8}" width="10" height="10" fill="${colour}"/>${text(WIDTH - RIGHT + 28, y + 1, name, "start")}`;
}

const escaped = (words) => String(words).replace(/&/g, "&amp;").replace(/</g, "&lt;");
const text = (x, y, words, anchor) => `<text x="${x}" y="${y}" text-anchor="${anchor}">${escaped(words)}</text>`;

function picture(title, height, parts) {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" role="img" font-family="system-ui, sans-serif" font-size="11" fill="#24292f">
<title>${escaped(title)}</title>
<rect width="${WIDTH}" height="${height}" fill="#fff"/>
<text x="8" y="14" font-weight="bold">${escaped(title)}</text>
${parts.join("\n")}
</svg>
`;
}
