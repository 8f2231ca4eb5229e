import { codecContract } from './contract/codec.ts'
import { harnesses } from './harnesses/codecs.ts'

for (const [name, harness] of Object.entries(harnesses)) codecContract(name, harness)
