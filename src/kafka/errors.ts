import { AlertStreamsError, type ErrorCode, reasonOf } from '../contract/errors.ts'

/** What kafkajs throws: its cause is nested under the errors of its retries. */
interface KafkaError extends Error {
  readonly type?: string
  readonly cause?: unknown
}

function chain(error: unknown): KafkaError[] {
  const found: KafkaError[] = []
  for (let at = error; at instanceof Error && found.length < 10; at = (at as KafkaError).cause) found.push(at)
  return found
}

/** True when the error, or what caused it, has one of these protocol types. */
export function hasType(error: unknown, ...types: readonly string[]): boolean {
  return chain(error).some(({ type }) => type !== undefined && types.includes(type))
}

function hasName(error: unknown, name: string): boolean {
  return chain(error).some((error) => error.name === name)
}

/** True while the group waits for its members to join again: we still own what we hold. */
export function isJoining(error: unknown): boolean {
  return hasType(error, 'REBALANCE_IN_PROGRESS')
}

/** What we threw within kafkajs comes wrapped: a batch that could not be unpacked, a token that could not be had. */
function ownError(error: unknown): AlertStreamsError | undefined {
  return chain(error).find((one) => one instanceof AlertStreamsError)
}

/** A source's error as ours: refused credentials end the stream, everything else is tried again. */
export function sourceError(error: unknown, where: string): AlertStreamsError {
  const own = ownError(error)
  if (own !== undefined) return own
  const { code, what, remedy } = described(error)
  return new AlertStreamsError(code, `${where}: ${what}`, { cause: error, remedy })
}

/** A target's error as ours: always a fault of the target, never of the messages. */
export function targetError(error: unknown, where: string): AlertStreamsError {
  const { what, remedy } = described(ownError(error) ?? error)
  return new AlertStreamsError('SINK_UNAVAILABLE', `${where}: ${what}`, { cause: error, remedy })
}

function described(error: unknown): { code: ErrorCode; what: string; remedy: string } {
  const what = reasonOf(chain(error).at(-1) ?? error)
  if (error instanceof AlertStreamsError)
    return { code: error.code, what: error.message, remedy: error.remedy ?? 'See the message.' }
  if (hasName(error, 'KafkaJSSASLAuthenticationError') || hasType(error, 'SASL_AUTHENTICATION_FAILED'))
    return { code: 'CREDENTIALS_REFUSED', what, remedy: 'Check USERNAME, PASSWORD and MECHANISM.' }
  if (hasType(error, 'UNSUPPORTED_SASL_MECHANISM'))
    return { code: 'CREDENTIALS_REFUSED', what, remedy: 'Set MECHANISM to one that the broker offers.' }
  if (hasType(error, 'TOPIC_AUTHORIZATION_FAILED') || /not authorized to access topics/i.test(what))
    return { code: 'CREDENTIALS_REFUSED', what, remedy: 'Ask for read permission on the topic, or leave it out.' }
  if (hasType(error, 'GROUP_AUTHORIZATION_FAILED'))
    return { code: 'CREDENTIALS_REFUSED', what, remedy: 'Check GROUP_ID: many brokers want it to begin with USERNAME.' }
  if (hasType(error, 'UNKNOWN_TOPIC_OR_PARTITION'))
    return { code: 'SOURCE_MISSING', what, remedy: 'Create the topic, or correct its name.' }
  if (/altnames/i.test(what))
    return {
      code: 'CONNECT_FAILED',
      what,
      remedy: 'Name the broker as its certificate does, or set VERIFY_HOSTNAME: false.'
    }
  if (/self-signed|certificate|unable to verify/i.test(what))
    return { code: 'CONNECT_FAILED', what, remedy: 'Set SSL_CA_LOCATION to the certificate authority of the broker.' }
  if (/secure TLS connection|wrong version number/i.test(what))
    return {
      code: 'CONNECT_FAILED',
      what,
      remedy: 'The port does not speak TLS: set TLS: false, or take another port.'
    }
  if (/Closed connection/i.test(what))
    return { code: 'CONNECT_FAILED', what, remedy: 'The broker hung up: check TLS, USERNAME and the port.' }
  return { code: 'CONNECT_FAILED', what, remedy: 'Check URL and that the broker can be reached from here.' }
}
