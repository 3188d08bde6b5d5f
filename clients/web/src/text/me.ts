import english from './me.en.json'
import { learn } from './text.ts'

learn('me', english)
