// Returns what is wrong with the page as a list of sentences.
(() => {
  const out = [];
  const complain = (s) => { if (out.length < 20) out.push(s); };
  const say = (el) => `<${el.tagName.toLowerCase()} class="${el.getAttribute("class") || ""}">${el.textContent.trim().slice(0, 40)}`;
  const width = document.documentElement.clientWidth;
  if (getComputedStyle(document.body).marginTop !== "0px") complain("the style sheet is not in force");
  if (document.documentElement.scrollWidth > width) complain(`the page is ${document.documentElement.scrollWidth} pixels wide, wider than the window`);
  if (document.querySelectorAll("script").length) complain("there is a script");

  // Colors: what is drawn on what.
  const rgba = (c) => { const m = c.match(/[\d.]+/g).map(Number); return m.length > 3 ? m : [...m, 1]; };
  const over = (top, under) => [0, 1, 2].map((i) => top[i] * top[3] + under[i] * (1 - top[3])).concat(1);
  const behind = (el) => {
    const layers = [];
    for (let e = el; e; e = e.parentElement) layers.push(rgba(getComputedStyle(e).backgroundColor));
    return layers.reverse().reduce((under, top) => over(top, under), [255, 255, 255, 1]);
  };
  const luminance = (c) => {
    const [r, g, b] = c.slice(0, 3).map((v) => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a, b) => { const [x, y] = [luminance(a), luminance(b)].sort((p, q) => p - q); return (y + 0.05) / (x + 0.05); };

  const hidden = (el) => el.closest(".skip, title, style, head") || (el.closest("table.cards thead") && width <= 700);
  const ownText = (el) => [...el.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
  for (const el of document.body.querySelectorAll("*")) {
    if (!ownText(el) || hidden(el)) continue;
    const box = el.getBoundingClientRect();
    if (box.width === 0) continue;
    const inSVG = el.tagName.toLowerCase() === "text";
    if (!el.closest(".scroll") && (box.left < -1 || box.right > width + 1)) complain(`outside of the window: ${say(el)}`);
    if (!inSVG && el.scrollWidth > el.clientWidth + 1 && el.clientWidth > 0 && getComputedStyle(el).display !== "inline") complain(`clipped: ${say(el)}`);
    const color = rgba(inSVG ? getComputedStyle(el).fill : getComputedStyle(el).color);
    const back = behind(el);
    const ratio = contrast(over(color, back), back);
    if (ratio < 4.5) complain(`contrast of ${ratio.toFixed(2)}: ${say(el)}`);
  }

  // Texts of one figure must not lie on each other.
  for (const svg of document.querySelectorAll("svg.plot, svg.y")) {
    const texts = [...svg.querySelectorAll("text")].map((t) => [t, t.getBoundingClientRect()]);
    for (let i = 0; i < texts.length; i++) for (let j = i + 1; j < texts.length; j++) {
      const [a, b] = [texts[i][1], texts[j][1]];
      const x = Math.min(a.right, b.right) - Math.max(a.left, b.left), y = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (x > 1 && y > 2) complain(`overlaps: ${say(texts[i][0])} and ${say(texts[j][0])}`);
    }
    const box = svg.getBoundingClientRect();
    for (const [t, r] of texts) if (r.bottom > box.bottom + 1 || r.top < box.top - 1) complain(`above or below its figure: ${say(t)}`);
  }

  // For those who hear the page.
  for (const el of document.querySelectorAll("[role=img]")) if ((el.getAttribute("aria-label") || "").length < 20) complain("a picture without a name");
  for (const el of document.querySelectorAll(".scroll")) if (el.tabIndex !== 0 || !el.getAttribute("aria-label")) complain("a region that the keyboard cannot scroll");
  for (const th of document.querySelectorAll("th")) if (!th.getAttribute("scope")) complain(`a table header without a scope: ${say(th)}`);
  let level = 0;
  for (const h of document.querySelectorAll("h1, h2, h3, h4")) {
    const now = Number(h.tagName[1]);
    if (now > level + 1) complain(`a heading is left out before ${say(h)}`);
    level = now;
  }
  if (!document.documentElement.lang || !document.querySelector("main")) complain("no language or no main part");
  return out;
})()
