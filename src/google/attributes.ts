import { isUtf8 } from 'node:buffer'
import type { Headers } from '../contract/alert.ts'
import { AlertStreamsError } from '../contract/errors.ts'

/** Google's limits: bytes of UTF-8, and attributes of a message. */
const LONGEST_NAME = 256
const LONGEST_VALUE = 1024
const MOST = 100

/** What Google counts of an attribute beside its name and value, at most. */
const OVERHEAD = 9

/**
 * The attributes of a message, made of headers. Names of attributes are unique and their values short texts, so:
 * - A value that is UTF-8 of at most 1,024 bytes stays as it is. Any other is base64, in pieces of 1,024 characters:
 *   NAME.base64, NAME.base64.2, NAME.base64.3. A null is an empty NAME.null.
 * - A name that is there already gets a number: NAME.2, NAME.3.
 * - An empty name, and one that Google keeps for itself (goog...), gets an underscore in front.
 * The order among different names is lost.
 */
export class Attributes {
  readonly #names = new Set<string>()
  readonly #texts = new Map<string, string>()
  /** Of all, as Google counts them, at most. */
  bytes = 0

  /** Throws `SINK_REJECTED` where Pub/Sub has no place for it. */
  add(name: string, value: Uint8Array | null): void {
    const texts = this.#textsOf(nameOf(name), value)
    const long = texts.find(([text]) => Buffer.byteLength(text) > LONGEST_NAME)
    if (long) throw refused(`the header ${name.slice(0, 40)}... has a name of more than ${LONGEST_NAME} bytes`)
    if (this.#texts.size + texts.length > MOST) throw refused(`its headers make more than ${MOST} attributes`)
    this.#put(texts)
  }

  /** As many of the first facts as there is room for, each cut to what an attribute holds. Gives back how many. */
  addFacts(facts: Headers, room: number): number {
    for (const [count, [name, value]] of facts.entries()) {
      const texts = this.#textsOf(name, cut(value ?? new Uint8Array()))
      if (this.#texts.size + texts.length > MOST || sizeOf(texts) > room - this.bytes) return count
      this.#put(texts)
    }
    return facts.length
  }

  toRecord(): Record<string, string> {
    return Object.fromEntries(this.#texts)
  }

  #textsOf(name: string, value: Uint8Array | null): readonly Text[] {
    for (let number = 1; ; number++) {
      const numbered = number === 1 ? name : `${name}.${number}`
      if (this.#names.has(numbered)) continue
      const texts = textsFor(numbered, value)
      if (texts.some(([text]) => this.#texts.has(text))) continue
      this.#names.add(numbered)
      return texts
    }
  }

  #put(texts: readonly Text[]): void {
    for (const [name, text] of texts) this.#texts.set(name, text)
    this.bytes += sizeOf(texts)
  }
}

type Text = readonly [name: string, text: string]

function textsFor(name: string, value: Uint8Array | null): readonly Text[] {
  if (value === null) return [[`${name}.null`, '']]
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  if (bytes.length <= LONGEST_VALUE && isUtf8(bytes)) return [[name, bytes.toString()]]
  const pieces = bytes.toString('base64').match(/.{1,1024}/g) ?? []
  return pieces.map((piece, index) => [`${name}.base64${index === 0 ? '' : `.${index + 1}`}`, piece])
}

/** Also what JavaScript keeps for itself: the client would lose it without a word. */
function nameOf(name: string): string {
  return name === '' || name === '__proto__' || /^goog/i.test(name) ? `_${name}` : name
}

function sizeOf(texts: readonly Text[]): number {
  return texts.reduce((sum, [name, text]) => sum + Buffer.byteLength(name) + Buffer.byteLength(text) + OVERHEAD, 0)
}

/** Text to the longest that fits, in whole characters. */
function cut(value: Uint8Array): Uint8Array {
  if (value.length <= LONGEST_VALUE) return value
  let end = LONGEST_VALUE
  while ((value[end]! & 0xc0) === 0x80) end--
  return value.subarray(0, end)
}

function refused(reason: string): AlertStreamsError {
  return new AlertStreamsError('SINK_REJECTED', `${reason}, which Pub/Sub does not take`)
}
