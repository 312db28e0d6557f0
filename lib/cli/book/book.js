/**
 * Draws the figures of a page of the book. Layer: cli; runs in the reader's browser.
 * What is to be drawn lies as JSON in the figure; vega.min.js and plotly.min.js lie beside the page.
 */
for (const figure of document.querySelectorAll("figure.vega, figure.plotly")) {
  const described = JSON.parse(figure.querySelector("script").textContent);
  const place = figure.appendChild(document.createElement("div"));
  if (figure.classList.contains("vega")) new vega.View(vega.parse(described), { container: place, renderer: "svg", hover: true }).runAsync();
  else Plotly.newPlot(place, described.data, described.layout, { responsive: true, displaylogo: false });
}
