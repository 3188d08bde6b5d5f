import english from './check_in.en.json'
import { learn } from './text.ts'

learn('check_in', english)
