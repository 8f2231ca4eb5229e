import { createHash } from 'node:crypto'
import { schemasFrom } from '../codecs/confluent.ts'
import { AlertStreamsError } from '../contract/errors.ts'
import type { Logger } from '../contract/log.ts'
import type { SinkSetup } from '../contract/sink.ts'
import { type OpenedPath, openPaths, pathForTestid } from '../store/open.ts'
import type { Stored } from '../store/store.ts'
import type { ArchiveOptions } from './fields.ts'
import { type Named, Names } from './names.ts'
import type { WrittenFile } from './notice.ts'
import { Packets } from './packets.ts'
import type { SchemaFacts } from './schema.ts'

/** Writes alerts to files, and says what is out of the ordinary. */
export class ArchiveWriter {
  readonly #paths: readonly OpenedPath[]
  readonly #names: Names
  readonly #packets: Packets
  readonly #mends: boolean
  readonly #log: Logger
  /** Schemas that the log has heard of. */
  readonly #told = new WeakSet<SchemaFacts>()
  #differing = 0

  constructor(options: ArchiveOptions, setup: SinkSetup) {
    const { PATH, TESTID, FIX_SCHEMA, KEY_FILE } = options
    const { name, baseDir, log } = setup
    const paths = PATH.map((path) => pathForTestid(path, TESTID))
    this.#paths = openPaths(paths, { KEY_FILE, baseDir, name })
    this.#names = new Names(this.#paths.map(({ template }) => template))
    this.#packets = new Packets(schemasFrom(options, setup), FIX_SCHEMA)
    this.#mends = FIX_SCHEMA
    this.#log = log
  }

  async connect(signal: AbortSignal): Promise<void> {
    const stores = new Set(this.#paths.map(({ store }) => store))
    this.#log.info(`writes to ${[...stores].map(({ place }) => place).join(', ')}`)
    for (const store of stores) await store.connect(signal)
  }

  /**
   * Resolves when the alert is safe in a file of its own, which may have been there already. Rejects with `SINK_REJECTED`, and
   * with `SINK_UNAVAILABLE` where the target is at fault.
   */
  async write(bytes: Uint8Array, named: Named, signal: AbortSignal): Promise<WrittenFile> {
    const packet = await this.#packets.packetOf(bytes, signal)
    this.#sayOnce(packet.facts)
    const { name, template } = this.#names.nameOf(named, packet)
    const { store } = this.#paths[template]!
    const put = (name: string) => store.put({ name, contents: packet.bytes }, { onlyIfAbsent: true }, signal)
    const first = await put(name)
    if (first.outcome !== 'another there') return this.#written(store.place, name, first)
    const own = nameOfItsOwn(name, packet.bytes)
    this.#sayDiffering(`${store.place}/${name}`, own)
    const second = await put(own)
    if (second.outcome !== 'another there') return this.#written(store.place, own, second)
    throw new AlertStreamsError(
      'SINK_REJECTED',
      `${store.place}/${name} and ${own} are there already, with other contents`
    )
  }

  #written(place: string, name: string, { outcome, generation }: Stored): WrittenFile {
    if (outcome === 'same there') this.#log.debug({ file: `${place}/${name}` }, `${place}/${name} is there already`)
    return { place, name, generation }
  }

  #sayOnce(facts: SchemaFacts): void {
    if (this.#told.has(facts)) return
    this.#told.add(facts)
    const schema = `the schema of ${facts.survey ?? 'an unknown survey'} ${facts.version ?? 'without a version'}`
    const fields = this.#mends ? facts.mended?.fields : undefined
    if (fields === undefined) this.#log.debug(`${schema} is kept as it is`)
    else this.#log.info({ fields }, `${schema} has ${fields} defaults that its types do not allow, and is mended`)
  }

  /** Once aloud: where names are not unique it may be said of each alert. */
  #sayDiffering(file: string, own: string): void {
    const text = `${file} is there already, with another content: this alert is ${own}`
    if (this.#differing++ > 0) return this.#log.debug({ file }, text)
    this.#log.warn(
      { file },
      `${text}. More of these are said at the level debug; {candid} or the like in PATH avoids them.`
    )
  }
}

/** The same for the same content. */
function nameOfItsOwn(name: string, bytes: Uint8Array): string {
  const digest = createHash('md5').update(bytes).digest('hex').slice(0, 12)
  return name.replace(/(\.\w+)?$/, (extension) => `-${digest}${extension}`)
}
