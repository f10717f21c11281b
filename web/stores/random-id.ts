/** 96 random bits. `crypto.randomUUID` is missing where a phone opens the app over plain http. */
export function randomId() {
  const bytes = crypto.getRandomValues(new Uint8Array(12))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
