import { parse, YAMLParseError } from 'yaml'

/** A YAML or JSON value of one line, as a command-line option has it. Throws `SyntaxError`. */
export function readFlow(text: string): unknown {
  try {
    return parse(text)
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error
    throw new SyntaxError(error.message.split('\n', 1)[0], { cause: error })
  }
}
