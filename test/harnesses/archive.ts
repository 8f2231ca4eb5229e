import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { create } from 'tar'
import { lineOf } from '../../src/archive/message-line.ts'
import { fallbacksOf } from '../../src/contract/options.ts'
import type { ArchiveOptions } from '../../src/archive/fields.ts'
import { ArchiveAlertStream } from '../../src/streams/archive.ts'
import { sourceOf } from '../contract/sink-bench.ts'
import { type Published, type StreamHarness, streamSetup } from '../contract/stream-bench.ts'

/** The usual options, but for these. */
export function archiveOptions(given: Partial<ArchiveOptions>): ArchiveOptions {
  return { ...fallbacksOf(ArchiveAlertStream.fields), ...given }
}

/** A folder of message lines. */
export const archiveOfLines: StreamHarness = {
  promises: {
    ordered: true,
    redelivers: 'after reopening',
    remembers: false,
    ends: true,
    keepsKey: 'bytes',
    keepsHeaders: 'all',
    keepsNull: true
  },
  async setUp() {
    const folder = await mkdtemp(join(tmpdir(), 'archive-'))
    return {
      publish: (messages) => writeFile(join(folder, 'messages.ndjson'), messages.map(toLine).join('')),
      open: (over) => new ArchiveAlertStream(archiveOptions({ PATH: [folder] }), streamSetup({ ...over })),
      tearDown: () => rm(folder, { recursive: true })
    }
  }
}

/** A packed tar archive with message lines in it. */
export const archiveOfTar: StreamHarness = {
  promises: archiveOfLines.promises,
  async setUp() {
    const folder = await mkdtemp(join(tmpdir(), 'archive-'))
    const inside = await mkdtemp(join(tmpdir(), 'archive-'))
    return {
      async publish(messages) {
        await writeFile(join(inside, 'messages.ndjson'), messages.map(toLine).join(''))
        await create({ cwd: inside, file: join(folder, 'all.tar.gz'), gzip: true }, ['messages.ndjson'])
      },
      open: (over) => new ArchiveAlertStream(archiveOptions({ PATH: [folder] }), streamSetup({ ...over })),
      async tearDown() {
        for (const one of [folder, inside]) await rm(one, { recursive: true })
      }
    }
  }
}

/** A folder with one file a message. */
export const archiveOfFiles: StreamHarness = {
  promises: {
    ordered: true,
    redelivers: 'after reopening',
    remembers: false,
    ends: true,
    keepsKey: 'no',
    keepsHeaders: 'no',
    keepsNull: false
  },
  async setUp() {
    const folder = await mkdtemp(join(tmpdir(), 'archive-'))
    return {
      async publish(messages) {
        for (const [i, { bytes }] of messages.entries()) {
          await writeFile(join(folder, `${String(i).padStart(5, '0')}.avro`), bytes ?? '')
        }
      },
      open: (over) => new ArchiveAlertStream(archiveOptions({ PATH: [folder] }), streamSetup({ ...over })),
      tearDown: () => rm(folder, { recursive: true })
    }
  }
}

/** A message as it stands in such a file. */
export function toLine({ key, headers, bytes }: Published): string {
  return lineOf(sourceOf(), { key, headers, bytes })
}
