// Reads QR codes out of pictures, away from the screen. The only script of ours that may compile WebAssembly.

import { prepareZXingModule, readBarcodes } from "./vendor/zxing-wasm/reader/index.js";

// Without this it would be fetched from somebody else's server.
prepareZXingModule({
  overrides: { locateFile: (path) => new URL(`./vendor/zxing-wasm/reader/${path}`, import.meta.url).href },
});

const OPTIONS = { formats: ["QRCode", "DataMatrix", "Code128"], tryHarder: true, maxNumberOfSymbols: 1 };

self.addEventListener("message", async (/** @type {MessageEvent<{id: number, image: ImageData}>} */ event) => {
  const { id, image } = event.data;
  try {
    const found = await readBarcodes(image, OPTIONS);
    self.postMessage({ id, text: found.find((one) => one.isValid)?.text ?? "" });
  } catch (error) {
    self.postMessage({ id, text: "", error: String(error) });
  }
});
