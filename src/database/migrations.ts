/** How a database calls the types of columns. */
export interface TypeNames {
  readonly text: string
  readonly real: string
  readonly integer: string
  readonly time: string
  readonly json: string
  readonly bytes: string
  /** A primary key that counts the rows in the order of their writing. */
  readonly counter: string
  /** What stands behind the columns. */
  readonly table: string
}

/**
 * One list of statements for each version, the first for version 1. Databases that are in use have run them: what
 * stands here is never changed, only added to.
 */
export const migrations: readonly ((t: TypeNames) => readonly string[])[] = [
  (t) => [
    `CREATE TABLE alerts (
      number ${t.counter},
      stream ${t.text} NOT NULL,
      alert_id ${t.text} NOT NULL,
      topic ${t.text} NOT NULL,
      object_id ${t.text},
      ra ${t.real} CHECK (ra >= 0 AND ra <= 360),
      dec ${t.real} CHECK (dec >= -90 AND dec <= 90),
      mjd ${t.real},
      filter ${t.text},
      magnitude ${t.real},
      magnitude_error ${t.real},
      flux ${t.real},
      flux_error ${t.real},
      published_at ${t.time},
      received_at ${t.time} NOT NULL,
      payload ${t.json},
      bytes ${t.bytes},
      UNIQUE (stream, alert_id)
    )${t.table}`,
    'CREATE INDEX alerts_by_object ON alerts (object_id, mjd)',
    `CREATE TABLE targets (
      number ${t.counter},
      name ${t.text} NOT NULL UNIQUE,
      type ${t.text} NOT NULL DEFAULT 'SIDEREAL',
      ra ${t.real} CHECK (ra >= 0 AND ra <= 360),
      dec ${t.real} CHECK (dec >= -90 AND dec <= 90),
      epoch ${t.real},
      pm_ra ${t.real},
      pm_dec ${t.real},
      parallax ${t.real},
      distance ${t.real},
      distance_error ${t.real},
      aliases ${t.json},
      extra ${t.json},
      last_mjd ${t.real}
    )${t.table}`,
    `CREATE TABLE photometry (
      number ${t.counter},
      id ${t.text} NOT NULL UNIQUE,
      target ${t.text} NOT NULL,
      alert_id ${t.text},
      mjd ${t.real} NOT NULL,
      filter ${t.text},
      magnitude ${t.real},
      magnitude_error ${t.real},
      magnitude_limit ${t.real},
      flux ${t.real},
      flux_error ${t.real},
      sign ${t.integer} CHECK (sign IN (-1, 1)),
      unit ${t.text},
      telescope ${t.text},
      instrument ${t.text},
      source ${t.text},
      extra ${t.json}
    )${t.table}`,
    'CREATE INDEX photometry_by_target ON photometry (target, mjd)',
    `CREATE TABLE dead_letters (
      number ${t.counter},
      stream ${t.text} NOT NULL,
      message_id ${t.text} NOT NULL,
      topic ${t.text} NOT NULL,
      route ${t.text},
      code ${t.text} NOT NULL,
      reason ${t.text} NOT NULL,
      stack ${t.text},
      attempts ${t.integer} NOT NULL,
      received_at ${t.time} NOT NULL,
      message ${t.json} NOT NULL,
      UNIQUE (stream, message_id)
    )${t.table}`
  ]
]
