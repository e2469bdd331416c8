/** UUID version 7 (RFC 9562 section 5.7): 48 bits of Unix milliseconds, then random bits. */

let latest = 0;

/**
 * Mints the id of a new task.
 *
 * Ids sort by creation, and so does the API. Two that are minted within a millisecond still get different times, so
 * that tasks keep the order in which they were written down.
 *
 * @param {number} now Unix milliseconds.
 * @returns {string} Lower case, with hyphens.
 */
export function uuid7(now = Date.now()) {
  latest = Math.max(now, latest + 1);
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  for (let index = 0; index < 6; index++) bytes[index] = Math.floor(latest / 256 ** (5 - index)) % 256;
  bytes[6] = 0x70 | (bytes[6] & 0x0f);
  bytes[8] = 0x80 | (bytes[8] & 0x3f);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
