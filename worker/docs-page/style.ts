// The page's style sheet: the shop's two looks (web/styles/tokens.css), for long text.
export const STYLE = `:root {
  color-scheme: light dark;
  --paper: oklch(0.985 0.004 85);
  --surface: oklch(1 0 0);
  --sunk: oklch(0.962 0.006 85);
  --line: oklch(0.905 0.008 85);
  --ink: oklch(0.24 0.02 260);
  --soft: oklch(0.47 0.018 260);
  --brass: oklch(0.49 0.1 72);
  --wash: oklch(0.955 0.035 85);
  --focus: oklch(0.5 0.13 255);
  --get: oklch(0.46 0.11 250);
  --post: oklch(0.45 0.1 155);
  --put: oklch(0.47 0.1 72);
  --delete: oklch(0.49 0.17 27);
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: oklch(0.19 0.015 260);
    --surface: oklch(0.232 0.016 260);
    --sunk: oklch(0.165 0.014 260);
    --line: oklch(0.305 0.016 260);
    --ink: oklch(0.945 0.006 85);
    --soft: oklch(0.735 0.012 260);
    --brass: oklch(0.84 0.105 84);
    --wash: oklch(0.285 0.035 80);
    --focus: oklch(0.8 0.1 250);
    --get: oklch(0.8 0.09 250);
    --post: oklch(0.82 0.11 155);
    --put: oklch(0.84 0.105 84);
    --delete: oklch(0.78 0.12 25);
  }
}
*, *::before, *::after { box-sizing: border-box; }
html { background: var(--paper); scroll-padding-top: 16px; -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0; color: var(--ink); font: 400 1rem / 1.55 system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif; overflow-wrap: break-word; }
a { color: inherit; text-decoration-color: var(--soft); text-underline-offset: 3px; }
a:hover { text-decoration-color: currentColor; }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; border-radius: 4px; }
code, pre { font-family: ui-monospace, 'SF Mono', Menlo, Consolas, monospace; font-size: 0.875em; }
h1, h2, h3, p, ul, dl, dd, pre, table { margin: 0; padding: 0; }
h1 { font-size: 1.75rem; line-height: 1.2; letter-spacing: -0.02em; }
h2 { font-size: 1.375rem; line-height: 1.3; letter-spacing: -0.01em; }

h3 { font-size: 0.8125rem; color: var(--soft); font-weight: 600; }
.skip { position: absolute; left: -999px; }
.skip:focus { left: 16px; top: 16px; background: var(--surface); padding: 8px 12px; }
.frame { max-width: 1180px; margin: 0 auto; padding: 24px 20px 96px; }
.frame > header { padding: 16px 0 24px; display: grid; gap: 12px; max-width: 68ch; }
.frame > header p { color: var(--soft); }
.documents { display: flex; flex-wrap: wrap; gap: 8px 20px; list-style: none; }
nav { font-size: 0.875rem; }
nav ul { list-style: none; }
nav li a { display: block; padding: 7px 8px; text-decoration: none; border-radius: 6px; overflow-wrap: anywhere; }
nav li a:hover { background: var(--sunk); }
nav h2 { font-size: 0.8125rem; color: var(--soft); letter-spacing: 0; padding: 14px 8px 4px; }
main { min-width: 0; display: grid; gap: 48px; }
main > section { display: grid; gap: 16px; min-width: 0; }
main > section > p { color: var(--soft); max-width: 68ch; }
.card { background: var(--surface); border: 1px solid var(--line); border-radius: 12px; min-width: 0; }
.card > summary { cursor: pointer; list-style: none; }
summary::-webkit-details-marker { display: none; }
.card > summary { display: grid; grid-template-columns: 4.75rem minmax(0, 1fr); gap: 2px 12px; align-items: baseline; padding: 12px 16px; min-height: 44px; }
.card > summary .what { grid-column: 2; color: var(--soft); font-size: 0.9375rem; }
.card > summary code { font-size: 0.9375rem; font-weight: 600; overflow-wrap: anywhere; }
.card[open] > summary { border-bottom: 1px solid var(--line); }
.body { scroll-margin-top: 96px; padding: 16px; display: grid; gap: 18px; min-width: 0; }
.body, .body > div, .body > div > div, main > section { grid-template-columns: minmax(0, 1fr); }
.body > p { max-width: 72ch; }
.body > div { display: grid; gap: 8px; min-width: 0; }
.verb { font: 700 0.75rem / 1.6 ui-monospace, Menlo, Consolas, monospace; text-align: center; border: 1px solid currentColor; border-radius: 6px; align-self: start; }
.get { color: var(--get); } .post { color: var(--post); } .put, .patch { color: var(--put); } .delete { color: var(--delete); }
.client { color: var(--post); } .hub { color: var(--get); }
table { border-collapse: separate; border-spacing: 0; width: 100%; font-size: 0.875rem; border: 1px solid var(--line); border-radius: 8px; overflow: hidden; }
th, td { text-align: left; vertical-align: top; padding: 8px 12px; border-top: 1px solid var(--line); }
th { font-weight: 600; color: var(--soft); background: var(--sunk); border-top: 0; }
td code { overflow-wrap: anywhere; }
td:first-child code { overflow-wrap: normal; }
td .type { color: var(--soft); }
.must { color: var(--brass); font-size: 0.75rem; font-weight: 600; margin-left: 6px; }
pre { overflow-x: auto; background: var(--sunk); border: 1px solid var(--line); border-radius: 8px; padding: 12px; line-height: 1.5; tab-size: 2; }
details.example > summary { list-style: none; cursor: pointer; font-size: 0.875rem; padding: 6px 0; min-height: 32px; color: var(--soft); }
details.example > summary::before { content: '+ '; font-family: ui-monospace, monospace; }
details.example[open] > summary::before { content: '– '; }
.plain { list-style: none; display: grid; gap: 6px; font-size: 0.9375rem; }
.later { columns: 2; font-size: 0.875rem; list-style: none; }
.later li { break-inside: avoid; padding: 3px 0; }
.later code { overflow-wrap: anywhere; }
.side { border: 1px solid var(--line); border-radius: 12px; background: var(--surface); padding: 0 8px 12px; max-height: 260px; overflow-y: auto; margin-bottom: 40px; }
@media (min-width: 1000px) {
  .columns { display: grid; grid-template-columns: 270px minmax(0, 1fr); gap: 40px; align-items: start; }
  nav { position: sticky; top: 16px; }
  .side { max-height: calc(100vh - 32px); margin: 0; }
}
@media (max-width: 600px) {
  .later { columns: 1; }
  .frame { padding-inline: 14px; }
  .card > summary { grid-template-columns: minmax(0, 1fr); padding: 12px; }
  .card > summary .what { grid-column: 1; }
  .verb { justify-self: start; padding: 0 10px; }
  .body { padding: 12px; }
  thead { position: absolute; left: -9999px; }
  table, tbody, tr { display: block; }
  tr { border-top: 1px solid var(--line); padding: 6px 0; }
  tr:first-child { border-top: 0; }
  td { display: grid; grid-template-columns: 6rem minmax(0, 1fr); gap: 8px; border: 0; padding: 4px 12px; }
  td::before { content: attr(data-head); color: var(--soft); }
  td:first-child { display: block; font-weight: 600; }
  td:first-child code { overflow-wrap: anywhere; }
  td a { overflow-wrap: anywhere; }
  td:first-child::before { content: none; }
}
`
