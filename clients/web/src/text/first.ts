import english from './first.en.json'
import { learn } from './text.ts'

learn('first', english)
