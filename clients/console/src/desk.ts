// What pages of the console do in the browser. They work without it, except that they are not live.
import 'htmx.org'
import { beginLive } from './live.ts'
import { beginKeys } from './keys.ts'
import { beginForms } from './forms.ts'
import { beginEcho } from './echo.ts'
import { beginIdle } from './idle.ts'
import { beginPrint } from './print.ts'
import { beginPasskeys } from './passkeys.ts'

beginForms()
beginLive()
beginIdle()
beginKeys()
beginPasskeys()
beginEcho()
beginPrint()
