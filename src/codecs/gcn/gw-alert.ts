/** Where a gravitational-wave alert has FITS files. */
const files = [
  ['event', 'skymap'],
  ['external_coinc', 'combined_skymap']
] as const

/**
 * An alert of `igwn.gwalert` whose sky maps are bytes of multi-order FITS files, as the Avro records of the same alert on
 * Hopskotch have them, instead of base64. Throws on text that is no base64.
 */
export function openSkyMaps(alert: unknown): unknown {
  if (!isRecord(alert)) return alert
  const opened = { ...alert }
  for (const [part, name] of files) {
    const holder = opened[part]
    if (isRecord(holder) && typeof holder[name] === 'string')
      opened[part] = { ...holder, [name]: bytesOf(holder[name], `${part}.${name}`) }
  }
  return opened
}

/** Node takes what is no base64 as it can; a damaged file must not pass for a sky map. */
function bytesOf(text: string, name: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64')
  const digits = text.replace(/\s+/g, '').replace(/={1,2}$/, '')
  if (bytes.length !== Math.floor((digits.length * 3) / 4) || digits.length % 4 === 1)
    throw new Error(`${name} is no base64`)
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
