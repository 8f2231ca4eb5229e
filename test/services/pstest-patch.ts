import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

interface Change {
  readonly old: string
  readonly new: string
}

/** Corrects three faults of pstest in a vendored copy (its folder): seek back, slow streams, quoted attribute names. */
export function patchPstest(folder: string): void {
  change(join(folder, 'fake.go'), [...seekBack, ...fastStreams])
  change(join(folder, 'internal/filter.go'), quotedAttributes)
}

/**
 * pstest forgets a message's content when it is acknowledged, and crashes on a seek that brings it back. The content
 * is kept; only this topic's messages come back, and those still unacknowledged are left alone.
 */
const seekBack: Change[] = [
  {
    old: '\tdeliveries int\n\tacks       int\n\tmodacks    []Modack\n}',
    new: '\tdeliveries int\n\tacks       int\n\tmodacks    []Modack\n\tcontent    *pb.PubsubMessage\n}'
  },
  {
    old: '\t\t\tTopic:       req.Topic,\n\t\t}\n\t\ttop.publish',
    new: '\t\t\tTopic:       req.Topic,\n\t\t\tcontent:     pm,\n\t\t}\n\t\ttop.publish'
  },
  {
    old: 'if m.PublishTime.Before(target) {',
    new: 'if m.PublishTime.Before(target) || m.Topic != sub.topic.proto.Name || sub.msgs[m.ID] != nil {'
  },
  {
    old: '\t\t\t\t// This was not preserved!\n\t\t\t\t//Message: pm,\n',
    new: '\t\t\t\tMessage: m.content,\n'
  }
]

/**
 * A stream takes one message every 10 ms; a queue lets it take many. What waits in the queue is sent later, so each
 * delivery gets a copy, and an answer to a keep-alive must not wait for room while it holds the server's lock.
 */
const fastStreams: Change[] = [
  { old: 'make(chan *pb.ReceivedMessage),', new: 'make(chan *pb.ReceivedMessage, 64),' },
  {
    old: 'case st.msgc <- m.proto:',
    new: `case st.msgc <- &pb.ReceivedMessage{
			AckId: m.proto.AckId, Message: m.proto.Message, DeliveryAttempt: m.proto.DeliveryAttempt,
		}:`
  },
  {
    old: '\t\t\tst.msgc <- nil\n',
    new: '\t\t\tselect {\n\t\t\tcase st.msgc <- nil:\n\t\t\tdefault:\n\t\t\t}\n'
  }
]

/** Google takes attributes."kafka.topic" in a subscription's filter; pstest refuses it. */
const quotedAttributes: Change[] = [
  {
    old: '\tval := l.input[start:l.pos]\n\n\t// Check if it',
    new: `	val := l.input[start:l.pos]
	if val == "attributes." && l.pos < len(l.input) && l.input[l.pos] == '"' {
		return token{typ: tokIdent, val: val + l.lexString().val}
	}

	// Check if it`
  }
]

function change(file: string, changes: readonly Change[]): void {
  let text = readFileSync(file, 'utf8')
  for (const { old, new: replacement } of changes) {
    const [before, after, more] = text.split(old)
    if (before === undefined || after === undefined || more !== undefined) {
      throw new Error(`${file} is another version of pstest: this is not there exactly once:\n${old}`)
    }
    text = before + replacement + after
  }
  writeFileSync(file, text)
}
