import type { Replacement } from './replacement.ts'

interface Fetched {
  readonly responses: readonly {
    readonly topicName: string
    readonly partitions: readonly { readonly errorCode: number }[]
  }[]
}

interface Protocol {
  readonly request: { readonly apiKey: number }
  readonly response: { parse(fetched: Fetched): Promise<unknown> }
}

interface Connection {
  send(protocol: Protocol): Promise<unknown>
}

const FETCH = 1
const TOPIC_AUTHORIZATION_FAILED = 29

/** A broker says for each topic that it may not be read; kafkajs then says that some topic may not. Here it says which. */
export const refusedTopics: Replacement = {
  what: 'which topic may not be read',
  file: 'network/connection.js',
  sha256: '2a993b2e74421ca6d846efd59e4ba74b11100dbe7d40d0f52ea3218e917aafdd',
  heldBy: [],
  make: (original) => {
    const { prototype } = original as { prototype: Connection }
    const { send } = prototype
    prototype.send = function (protocol) {
      if (protocol.request.apiKey !== FETCH) return send.call(this, protocol)
      const { response } = protocol
      const parse = async (fetched: Fetched) => {
        try {
          return await response.parse(fetched)
        } catch (error) {
          const topics = refused(fetched)
          if (topics.length > 0 && error instanceof Error) error.message = `not allowed to read ${topics.join(', ')}`
          throw error
        }
      }
      return send.call(this, { ...protocol, response: { ...response, parse } })
    }
    return original
  }
}

function refused({ responses }: Fetched): readonly string[] {
  const isRefused = ({ errorCode }: { readonly errorCode: number }) => errorCode === TOPIC_AUTHORIZATION_FAILED
  return responses.filter(({ partitions }) => partitions.some(isRefused)).map(({ topicName }) => topicName)
}
