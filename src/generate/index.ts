export { type DemoFile, demoFiles } from './demo.ts'
export { type Notice, notices } from './notices.ts'
export { type Candidate, type ZtfAlert, ztfAlerts } from './ztf.ts'
