import { DatabaseSink } from '../../src/sinks/database.ts'
import { type SinkHarness, sinkSetup } from '../contract/sink-bench.ts'
import { writtenIn } from '../database/rows.ts'
import { PASSWORD, postgres } from '../services/postgres.ts'

/** A database of its own on a server that is killed and started again. */
export const postgresSink: SinkHarness = {
  promises: { ordered: true, keepsKey: false, keepsHeaders: false, keepsNull: true, breaks: true, rejects: true },
  secrets: [PASSWORD],
  async setUp() {
    const server = await postgres()
    const url = await server.create()
    const topic = 'a.topic'
    return {
      topic,
      open: (over) => new DatabaseSink(optionsOf(url), sinkSetup(over)),
      written: (topic) => writtenIn({ rows: (sql) => server.query(url, sql) }, topic),
      breakTarget: server.kill,
      mendTarget: server.restart,
      impossible: () => ({ topic, value: { table: 'alerts', row: { alert_id: 'south of the pole', dec: -91 } } }),
      tearDown: async () => {}
    }
  },
  unreachable: (over) => new DatabaseSink(optionsOf('postgres://alerts@127.0.0.1:9/nobody'), sinkSetup(over))
}

function optionsOf(url: string) {
  return { PATH: undefined, URL: url, PASSWORD, PAYLOAD: 'slim', HISTORY: false } as const
}
