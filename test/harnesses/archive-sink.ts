import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeContainer } from '../../src/codecs/avro/decode.ts'
import { encodeContainer } from '../../src/codecs/avro/encode.ts'
import { stringifyJson } from '../../src/codecs/json-text.ts'
import type { Outgoing, Placed, Rejection, Sink, SinkSetup, Source } from '../../src/contract/sink.ts'
import { AvroArchiveSink } from '../../src/sinks/avro-archive.ts'
import { FileSink } from '../../src/sinks/file.ts'
import { type SinkHarness, sinkSetup, type Written } from '../contract/sink-bench.ts'
import { CloudStorage } from '../google/cloud-storage.ts'
import { Mailbox } from '../google/mailbox.ts'
import { readOptions } from '../kafka/options.ts'
import { startPubsub } from '../services/pubsub.ts'

/** A sink with options as the configuration gives them. */
export function archiveSink(
  options: Readonly<Record<string, unknown>>,
  over: Partial<SinkSetup> = {}
): AvroArchiveSink {
  return new AvroArchiveSink(readOptions(AvroArchiveSink.fields, options), sinkSetup(over))
}

const NO_AVRO = Symbol('no container')

/** The archive takes nothing but Avro, so what the suite writes goes into a container of one record. */
class Contained implements Sink {
  readonly #sink: AvroArchiveSink

  constructor(sink: AvroArchiveSink) {
    this.#sink = sink
  }

  connect(signal: AbortSignal): Promise<void> {
    return this.#sink.connect(signal)
  }

  place(outgoing: Outgoing, source: Source): Placed {
    const { value } = outgoing
    if (value === NO_AVRO) return this.#sink.place({ ...outgoing, value: Buffer.from('{}') }, source)
    const bytes = value instanceof Uint8Array ? value : Buffer.from(stringifyJson(value))
    return this.#sink.place({ ...outgoing, value: encodeContainer({ bytes, text: 'a record, and no map' }) }, source)
  }

  write(batch: readonly Placed[], signal: AbortSignal): Promise<readonly Rejection[]> {
    return this.#sink.write(batch as Parameters<AvroArchiveSink['write']>[0], signal)
  }

  close(): Promise<void> {
    return this.#sink.close()
  }
}

function unpacked(file: Uint8Array): Written {
  const { bytes } = decodeContainer(file) as { bytes: Uint8Array }
  return { key: null, headers: [], bytes }
}

const promises = {
  ordered: false,
  keepsKey: false,
  keepsHeaders: false,
  keepsNull: false,
  breaks: true,
  rejects: true
} as const
const topic = 'a.topic'
const NAMES = '{topic}/{stream}/{id}.avro'

export const archiveInFolder: SinkHarness = {
  promises,
  async setUp() {
    const root = await mkdtemp(join(tmpdir(), 'archive-sink-'))
    const folder = join(root, 'out')
    return {
      topic,
      open: (over) => new Contained(archiveSink({ PATH: join(folder, NAMES) }, over)),
      async written() {
        const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.avro')).sort()
        return Promise.all(names.map(async (name) => unpacked(await readFile(join(folder, name)))))
      },
      async breakTarget() {
        await rename(folder, `${folder}.away`).catch(() => {})
        await writeFile(folder, 'in the way')
      },
      async mendTarget() {
        await rm(folder)
        await rename(`${folder}.away`, folder).catch(() => {})
      },
      impossible: () => ({ topic, value: NO_AVRO }),
      tearDown: () => rm(root, { recursive: true })
    }
  },
  unreachable: (over) => new Contained(archiveSink({ PATH: '/dev/null/out/{id}.avro' }, over))
}

/** With a notice of each file. What breaks is the bucket, or Pub/Sub when the file is there already. */
function inBucket(breaks: 'bucket' | 'Pub/Sub'): SinkHarness {
  return {
    promises,
    async setUp() {
      const [storage, pubsub] = await Promise.all([CloudStorage.start(), startPubsub()])
      const mailbox = await Mailbox.open(pubsub.host, 'files')
      const fault = 'fault?method=Publish&code=RESOURCE_EXHAUSTED'
      return {
        topic,
        open(over) {
          process.env.PUBSUB_EMULATOR_HOST = pubsub.host
          process.env.STORAGE_EMULATOR_HOST = storage.host
          const PATH = `gs://${storage.bucket}/${NAMES}`
          return new Contained(archiveSink({ PATH, NOTICE_TOPIC: 'files', PROJECT: mailbox.project }, over))
        },
        async written() {
          const objects = await storage.objects()
          const told = new Set((await mailbox.all()).map(({ attributes }) => attributes.objectId!))
          return [...objects].filter(([name]) => told.has(name)).map(([, file]) => unpacked(file))
        },
        async breakTarget() {
          if (breaks === 'bucket') storage.instead = () => ({ status: 503 })
          else await pubsub.admin(`${fault}&n=-1`)
        },
        async mendTarget() {
          storage.instead = undefined
          await pubsub.admin(`${fault}&n=0`)
        },
        impossible: () => ({ topic, value: NO_AVRO }),
        async tearDown() {
          await Promise.all([storage.stop(), pubsub.stop()])
        }
      }
    },
    unreachable(over) {
      process.env.STORAGE_EMULATOR_HOST = '127.0.0.1:9'
      return new Contained(archiveSink({ PATH: `gs://nobody/${NAMES}` }, over))
    }
  }
}

export const archiveInBucket = inBucket('bucket')
export const archiveWithNotices = inBucket('Pub/Sub')

/** FileSink: a file a message, in a bucket. */
export const rawFilesInBucket: SinkHarness = {
  promises,
  async setUp() {
    const storage = await CloudStorage.start()
    return {
      topic,
      open(over) {
        process.env.STORAGE_EMULATOR_HOST = storage.host
        return rawFiles(`gs://${storage.bucket}/raw/{topic}`, over)
      },
      async written(topic) {
        const objects = [...(await storage.objects())].filter(([name]) => name.startsWith(`raw/${topic}/`))
        return objects.map(([, bytes]) => ({ key: null, headers: [], bytes }))
      },
      async breakTarget() {
        storage.instead = () => 'cut'
      },
      async mendTarget() {
        storage.instead = undefined
      },
      impossible: () => ({ topic, value: Symbol('no JSON') }),
      tearDown: () => storage.stop()
    }
  },
  unreachable(over) {
    process.env.STORAGE_EMULATOR_HOST = '127.0.0.1:9'
    return rawFiles('gs://nobody/raw', over)
  }
}

function rawFiles(PATH: string, over: Partial<SinkSetup>): FileSink {
  return new FileSink(readOptions(FileSink.fields, { PATH, FORMAT: 'raw' }), sinkSetup(over))
}
