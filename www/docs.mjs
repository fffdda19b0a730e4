/** The documents as pages, so that no link on the page leads to raw Markdown or to nothing. */
import { copyFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { Marked } from "marked";

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), "..");
/** In addition to the files in docs/. */
const AT_THE_ROOT = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"];

export async function buildDocs(outdir) {
  const files = (await readdir(path.join(root, "docs"), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath ?? entry.path, entry.name)));
  const pages = new Map(
    [...AT_THE_ROOT, ...files.filter((name) => name.endsWith(".md"))].map((name) => [name, pageOf(name)]),
  );
  for (const [source, page] of pages) {
    const target = path.join(outdir, page);
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, html(await readFile(path.join(root, source), "utf8"), source, pages));
  }
  for (const name of files.filter((name) => /\.(?:svg|png)$/.test(name))) {
    const target = path.join(outdir, path.relative("docs", name));
    await mkdir(path.dirname(target), { recursive: true });
    await copyFile(path.join(root, name), target);
  }
}

/** The address of a document, relative to the folder of the pages. */
function pageOf(source) {
  const name = source.startsWith("docs/") ? source.slice("docs/".length) : source.toLowerCase();
  return name.replace(/\.md$/, ".html");
}

function html(markdown, source, pages) {
  const up = "../".repeat(pageOf(source).split("/").length);
  const title = /^# (.+)$/m.exec(markdown)?.[1] ?? "tandem-jwt";
  const body = new Marked({ renderer: rendererFor(source, pages) }).parse(markdown);
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; base-uri 'none'" />
    <title>${escaped(title)} · tandem-jwt</title>
    <link rel="icon" href="${up}icon.svg" type="image/svg+xml" />
    <link rel="stylesheet" href="${up}style.css" />
    <link rel="stylesheet" href="${up}docs.css" />
  </head>
  <body class="doc">
    <nav aria-label="Site"><a href="${up}index.html">tandem-jwt</a><a href="${up}docs/readme.html">Read me</a></nav>
    <main>
${body}
    </main>
  </body>
</html>
`;
}

function rendererFor(source, pages) {
  const folder = path.posix.dirname(source);
  const here = path.posix.dirname(pageOf(source));
  const seen = new Map();
  return {
    heading(text, level, raw) {
      return `<h${level} id="${slugOf(raw, seen)}">${text}</h${level}>\n`;
    },
    /**
     * Links to documents lead to their pages; anything without a page, such as a source file, is named without a link.
     */
    link(href, _title, text) {
      if (/^(?:https?:|#)/.test(href)) return `<a href="${escaped(href)}">${text}</a>`;
      const [file, hash = ""] = href.split("#");
      const page = pages.get(path.posix.normalize(path.posix.join(folder, file)));
      if (page === undefined) return text;
      return `<a href="${path.posix.relative(here, page)}${hash && `#${hash}`}">${text}</a>`;
    },
    image(href, _title, text) {
      const file = path.posix.normalize(path.posix.join(folder, href));
      const from = path.posix.relative(here, path.posix.relative("docs", file));
      return `<img src="${from}" alt="${escaped(text)}" />`;
    },
    table: (header, rows) =>
      `<div class="wide" tabindex="0" role="group" aria-label="Table"><table><thead>${header}</thead><tbody>${rows}</tbody></table></div>\n`,
    code: (code) => `<pre tabindex="0"><code>${escaped(code)}</code></pre>\n`,
  };
}

/** The anchors that a reader of the repository sees. */
function slugOf(heading, seen) {
  const plain = heading.replace(/<[^>]+>|`/g, "").toLowerCase();
  const slug = plain
    .replace(/&[a-z]+;/g, "")
    .replace(/[^\p{L}\p{N} _-]/gu, "")
    .trim()
    .replaceAll(" ", "-");
  const before = seen.get(slug) ?? 0;
  seen.set(slug, before + 1);
  return before === 0 ? slug : `${slug}-${before}`;
}

function escaped(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
