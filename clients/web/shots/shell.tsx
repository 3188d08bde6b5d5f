/** The parts, Help, and what is around every page. */

import type { VNode } from 'preact'
import { TabBar, PlayerFrame, Title } from '../src/parts/bars.tsx'
import { Choices, Picks, Scale, Switch } from '../src/parts/answers.tsx'
import { Bubble, Menu } from '../src/parts/bubble.tsx'
import { Button, Buttons } from '../src/parts/button.tsx'
import { Card } from '../src/parts/card.tsx'
import { Field } from '../src/parts/field.tsx'
import { Facts, Ring, Timeline } from '../src/parts/figures.tsx'
import { Chip, Count, Notice, Privacy, Status } from '../src/parts/notice.tsx'
import { Face } from '../src/parts/face.tsx'
import { Row, Rows } from '../src/parts/rows.tsx'
import { Sheet } from '../src/parts/sheet.tsx'
import { Empty, Getting } from '../src/parts/waiting.tsx'
import { Danger } from '../src/screens/help/danger.tsx'
import { Help, type Helpline } from '../src/screens/help/help.tsx'
import { Overdose } from '../src/screens/help/overdose.tsx'
import { Stopped } from '../src/shell/boundary.tsx'
import { TabPage } from '../src/shell/frame.tsx'
import { StatusLine, AsOf } from '../src/shell/status_line.tsx'
import { LanguageSwitch, SchemeSwitch } from '../src/shell/switches.tsx'
import { Cover } from '../src/shell/hide.tsx'
import type { Shot } from './shot.ts'

const nothing = () => {}

const NOON = Date.parse('2026-11-19T17:10:00Z')
const NORTHLIGHT: Helpline = {
  code: 'programme',
  kind: 'programme',
  number: '555-0140',
  hours: '24/7',
  name: { en: 'Northlight helpline', es: 'Línea de ayuda de Northlight' },
}

export const SHOTS: readonly Shot[] = [
  { name: 'parts', render: () => <Parts /> },
  {
    name: 'sheet',
    render: () => (
      <Sheet title="Take this back?" close="Keep it" onClose={nothing}>
        <p>Nobody has read it yet.</p>
      </Sheet>
    ),
  },
  { name: 'help', render: () => <Help /> },
  { name: 'help/with a programme', render: () => <Help lines={[NORTHLIGHT]} urge="/tools" /> },
  { name: 'help/the team is here', render: () => <Help lines={[NORTHLIGHT]} duty={{ here: true, until: '18:00' }} urge="/tools" /> },
  { name: 'help/the team is away', render: () => <Help lines={[NORTHLIGHT]} duty={{ here: false, in: 1, weekday: 5, at: '08:00' }} urge="/tools" /> },
  { name: 'help/offline', render: () => <Help lines={[NORTHLIGHT]} offline /> },
  { name: 'help/overdose', render: () => <Overdose /> },
  { name: 'help/danger signs', render: () => <Danger /> },
  { name: 'stopped', render: () => <Stopped onAgain={nothing} /> },
  {
    name: 'status line',
    render: () => (
      <TabPage tab="today" title="Today">
        <StatusLine network="offline" waiting={0} notSent={0} />
        <StatusLine network="offline" waiting={2} notSent={0} />
        <StatusLine network="busy" waiting={1} notSent={0} />
        <StatusLine network="online" waiting={0} notSent={1} />
        <p>
          <AsOf at={NOON} />
        </p>
        <SchemeSwitch />
        <LanguageSwitch />
      </TabPage>
    ),
  },
  {
    name: 'player',
    render: () => (
      <PlayerFrame out={{ label: 'Close', icon: 'close' }} step={2} of={6} back={{ label: 'Back' }} next={{ label: 'Next' }} night>
        <Title>How strong is it?</Title>
      </PlayerFrame>
    ),
  },
  { name: 'cover', render: () => <Cover /> },
]

/** Every part in every state, in English only: the words stand for what screens put there. */
function Parts(): VNode {
  return (
    <div class="app">
      <main class="page stack wide" id="main">
        <Title>Parts</Title>
        <Buttons>
          <Button kind="main">Start</Button>
          <Button>I can’t go</Button>
          <Button kind="stop">Delete</Button>
          <Button kind="quiet">Later</Button>
          <Button notYet>Not yet</Button>
          <Button kind="help" icon="help">
            Help
          </Button>
        </Buttons>
        <Buttons even>
          <Button>No</Button>
          <Button>Yes</Button>
        </Buttons>
        <Button kind="deep" icon="urge" goes hint="60-second tool">
          I have an urge right now
        </Button>
        <Card kind="featured">
          <b>Featured</b>
          <p class="soft">At most one a page.</p>
        </Card>
        <Rows>
          <Row icon="clock" title="My week" hint="6 of 9 hours done" href="#" />
          <Row before={<Face name="Evening" tone="act" />} title="Evening group" hint="1 not sent" end={<Count n={2} words="unread" />} href="#" />
          <Row icon="clock" title="Check-in for Thursday" hint="Waiting to send" end={<Button about="the check-in">Take back</Button>} />
          <Row before={<Ring done={6} of={9} />} title="This week" hint="6 of 9 hours done" onPress={nothing} />
        </Rows>
        <div class="line">
          <Chip>Plain</Chip>
          <Chip kind="act">With you</Chip>
          <Chip kind="wait">Room changed</Chip>
          <Chip kind="stop">Nobody yet</Chip>
          <Chip kind="good">Confirmed</Chip>
          <Chip kind="help">Help</Chip>
        </div>
        <Status href="#">No connection. 2 things saved here.</Status>
        <Status href="#" kind="wait" end="See it">
          1 thing could not be sent.
        </Status>
        <Notice title="Plain notice">
          <p>What happened, what is safe, what to do.</p>
        </Notice>
        <Notice kind="wait" title="This needs you" buttons={<Button>See both</Button>}>
          <p>Both versions are safe.</p>
        </Notice>
        <div class="thread">
          <p class="day">Today</p>
          <Bubble who="Lee" tone="wait" at="8:42 PM" menu={<Menu about="Lee’s message"><button type="button">Reply</button></Menu>}>
            <p>I get paid on the 30th too.</p>
          </Bubble>
          <Bubble fate="sent" words="Sent, 9:12 PM" menu={<Menu about="Your message"><button type="button">Copy</button></Menu>}>
            <p>Me too.</p>
          </Bubble>
          <Bubble fate="gone">
            <p>You took this back.</p>
          </Bubble>
          <Bubble fate="waiting" words="Waiting to send">
            <p>I can come with you on Monday, June.</p>
          </Bubble>
          <Bubble fate="notsent" words="Not sent. The picture is too big." buttons={<><Button>Try again</Button><Button kind="stop">Delete</Button></>}>
            <p>The lake.</p>
          </Bubble>
        </div>
        <Choices name="a" legend="Who may read this?" value="me" onChange={nothing} options={[{ value: 'me', title: 'Only me' }, { value: 'team', title: 'My team', hint: 'Maria and Ana' }]} />
        <Picks name="b" legend="How did you sleep?" value="well" onChange={nothing} options={[{ value: 'well', title: 'Well' }, { value: 'badly', title: 'Badly' }]} />
        <Scale name="c" legend="How strong is the urge?" value={4} onChange={nothing} ends={['Not there', 'As strong as ever']} />
        <Card kind="flush">
          <Switch title="Remind me" hint="An hour before" on onChange={nothing} />
          <Switch title="Quiet at night" on={false} onChange={nothing} />
        </Card>
        <Timeline
          items={[
            { at: '9:12 PM', words: 'Sent', state: 'done' },
            { at: '9:14 PM', words: 'Maria is on it', state: 'now' },
            { words: 'Then: the one on call' },
          ]}
        />
        <Facts facts={[['Room', '4'], ['With', 'Ana Ruiz']]} />
        <Field label="One line" hint="Only you see this." value="" onInput={nothing} name="d" lines="short" />
        <Privacy>Only you see this.</Privacy>
        <Getting>Getting your messages</Getting>
        <Empty title="Nothing here yet">
          <p>Your group appears when you say yes to being seen.</p>
        </Empty>
      </main>
      <TabBar current="people" unread={2} unsent={1} onHide={nothing} />
    </div>
  )
}
