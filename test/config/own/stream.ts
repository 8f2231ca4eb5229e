import { text } from '../../../src/contract/options.ts'
import { QuietStream } from '../parts.ts'

export class OwnAlertStream extends QuietStream {
  static override readonly fields = { ...QuietStream.fields, NIGHT: text('which night', { required: true }) }
}
