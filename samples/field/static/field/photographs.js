// Photographs made small on the phone: at most 1600 px and 400 kB, and without what the camera wrote beside the picture
// (place, device): drawing it anew keeps the picture alone.

import { Fault } from "./faults.js";

const LARGEST_PX = 1600;
const LARGEST_BYTES = 400_000;
const QUALITIES = [0.85, 0.75, 0.65, 0.55, 0.45];

/**
 * @param {Blob} given a picture of the camera
 * @returns {Promise<{blob: Blob, taken_at: string, width: number, height: number}>}
 */
export async function prepare(given) {
  const picture = await read(given);
  const taken = given instanceof File && given.lastModified ? given.lastModified : Date.now();
  let scale = Math.min(1, LARGEST_PX / Math.max(picture.width, picture.height));
  try {
    for (;;) {
      const width = Math.max(1, Math.round(picture.width * scale));
      const height = Math.max(1, Math.round(picture.height * scale));
      const blob = await smallEnough(picture, width, height);
      if (blob) return { blob, taken_at: new Date(taken).toISOString(), width, height };
      scale *= 0.75;
    }
  } finally {
    picture.close();
  }
}

/**
 * @param {Blob} given
 * @returns {Promise<ImageBitmap>} upright, as the camera meant it
 */
async function read(given) {
  try {
    return await createImageBitmap(given, { imageOrientation: "from-image" });
  } catch {
    throw new Fault("photograph-unreadable", "This is no photograph that can be read.");
  }
}

/**
 * @param {ImageBitmap} picture
 * @param {number} width
 * @param {number} height
 * @returns {Promise<Blob | null>} null when no quality makes it small enough
 */
async function smallEnough(picture, width, height) {
  const canvas = new OffscreenCanvas(width, height);
  const pen = canvas.getContext("2d");
  if (!pen) throw new Fault("photograph-unreadable", "The phone cannot draw the photograph.");
  pen.fillStyle = "white";
  pen.fillRect(0, 0, width, height);
  pen.drawImage(picture, 0, 0, width, height);
  for (const quality of QUALITIES) {
    const blob = await canvas.convertToBlob({ type: "image/jpeg", quality });
    if (blob.size <= LARGEST_BYTES) return blob;
  }
  return null;
}
