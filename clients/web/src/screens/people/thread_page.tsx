import { useEffect, useRef, useState } from 'preact/hooks'
import { Offline, type EntryOf } from 'handrail'
import { pairName } from '../../model/conversations.ts'
import { cardId } from '../../model/ids.ts'
import { blockedCards, initials, isLeading, others } from '../../model/members.ts'
import { newest, readUpTo, said, unread, type Message, type Said } from '../../model/messages.ts'
import { currentRound } from '../../model/rounds.ts'
import { entries, phone, status } from '../../phone.ts'
import { hiddenMode } from '../../shell/hide.tsx'
import { announce } from '../../shell/live.tsx'
import { href } from '../../shell/router.ts'
import { counted, t } from '../../text/text.ts'
import { dutyAt } from '../../model/duty.ts'
import { holdings, ownFile, sendAgain } from './holdings.ts'
import type { MessageActs } from './message.tsx'
import { excerpt, NoThread, Thread, type Question } from './thread.tsx'
import { useComposer } from './use_composer.ts'
import { asOf, audience, reads } from './words.ts'

/** How many messages are on the page at first, and how many more each time. */
const PAGE = 40
/** What was said leaves the feed after 180 days. In a younger group nothing can be older. */
const IN_FEED_MS = 179 * 24 * 3_600_000

export function ThreadPage({ scope }: { scope: string }) {
  const group = entries('group', scope)[0]
  const pair = entries('pair', scope)[0]
  if (!group && !pair) return <NoThread />
  return <OpenThread key={scope} scope={scope} group={group} pair={pair} />
}

interface OpenProps {
  scope: string
  group: EntryOf<'group'> | undefined
  pair: EntryOf<'pair'> | undefined
}

function OpenThread({ scope, group, pair }: OpenProps) {
  const held = holdings()
  const mine = cardId(held.user, scope)
  const cards = entries('member_card', scope)
  const peers = others(cards, mine)
  const name = group ? group.doc.name : pairName(pair!, held)
  const blocked = blockedCards(held.blocks)
  const offline = status.value?.network === 'offline'
  const here = entries('message', scope)
  const older = useOlder(scope)
  const all = said({
    scope, mine, blocked, offline, outbox: held.outbox, notSent: held.notSent,
    messages: [...older.entries, ...here],
    fate: (uuid) => phone().fate(uuid),
  })
  const shown = all.slice(-older.count)
  const upTo = readUpTo(scope, held.markers, held.outbox)
  const opened = useRef(unread(here, upTo, mine, blocked)[0]?.id ?? null)
  useMarkRead(scope, newest(here, upTo))
  useArrivals(all, cards.find((card) => card.id === all.at(-1)?.author)?.doc.alias)

  const composer = useComposer(scope)
  const [ask, setAsk] = useState<Question | null>(null)
  const leaders = peers.filter(isLeading).map((card) => card.doc.alias)
  const members = peers.filter((card) => !isLeading(card))
  const ended = pair?.doc.ended_at != null
  return (
    <Thread
      kind={group ? 'group' : 'pair'}
      name={hiddenMode.value ? initials(name) : name}
      audience={group ? audience('thread.see', members.length, leaders) : t('thread.see_pair', { name })}
      ways={ways(scope, group !== undefined)}
      said={shown}
      cards={cards}
      newFrom={opened.current}
      earlier={older.state(all.length, Date.parse(group ? group.doc.opened_at : pair!.doc.opened_at))}
      onEarlier={() => older.more(all.length)}
      loading={held.loading.includes(scope)}
      typing={offline ? [] : typing(scope, mine, cards, blocked)}
      asOf={asOf(status.value)}
      acts={useActs(scope, composer, setAsk)}
      ask={ask}
      composer={
        ended
          ? null
          : {
              name,
              kind: group ? 'group' : 'pair',
              text: composer.draft.text,
              onText: composer.typed,
              onSend: () => void composer.send(),
              files: composer.files,
              onPicture: (file) => void composer.picture(file),
              onTakeOff: composer.takeOff,
              recording: composer.recording,
              canRecord: composer.canRecord,
              onRecord: () => void composer.record(),
              onRecorded: (keep) => void composer.recorded(keep),
              trouble: composer.trouble,
              working: composer.working,
              about: aboutOf(composer.draft, all, cards),
              onForget: () => composer.change({ replyTo: null, ...(composer.draft.editing && { editing: null, text: '' }) }),
              found: composer.found,
              whom: group ? counted('warn.people', peers.length) : name,
              onAnyway: () => void composer.send(true),
              onTakeOut: composer.takeOutFound,
              hours: group ? reads(dutyOf(group), leaders) : t('thread.right_now'),
            }
      }
    />
  )
}

function ways(scope: string, isGroup: boolean) {
  const who = { title: t('members.title'), href: href('members', { scope }) }
  if (!isGroup) return [who]
  const round = currentRound(entries('round', scope))
  const isOpen = round?.doc.closed_at === null
  return [
    { title: t('members.round'), href: href('round', { scope }), hint: isOpen ? t('people.round_yours') : undefined },
    who,
    { title: t('members.rules'), href: href('rules', { scope }) },
  ]
}

/** Null where the programme's document is not here. */
function dutyOf(group: EntryOf<'group'>) {
  const programme = entries('programme', `program:${group.doc.programme}`)[0]?.doc
  return programme ? dutyAt(phone().now(), programme.staffed_hours, programme.time_zone) : null
}

function typing(scope: string, mine: string, cards: EntryOf<'member_card'>[], blocked: Set<string>): string[] {
  return phone()
    .ephemerals(scope)
    .filter(({ kind }) => kind === 'typing')
    .map(({ data }) => (data as { member?: string }).member ?? '')
    .filter((member) => member !== mine && !blocked.has(member))
    .flatMap((member) => cards.find((card) => card.id === member)?.doc.alias || [])
}

function aboutOf(
  { replyTo, editing }: { replyTo: string | null; editing: { id: string } | null },
  all: readonly Said[],
  cards: readonly EntryOf<'member_card'>[],
) {
  if (editing) {
    const changed = all.find((each) => each.id === editing.id)
    return { title: t('thread.editing'), text: changed ? excerpt(changed) : '' }
  }
  if (replyTo === null) return null
  const answered = all.find((each) => each.id === replyTo)
  if (!answered) return { title: t('thread.reply'), text: t('thread.quote_gone') }
  const alias = cards.find((card) => card.id === answered.author)?.doc.alias || t('people.someone')
  const title = answered.author === null ? t('thread.replying_self') : t('thread.replying', { name: alias })
  return { title, text: excerpt(answered) }
}

function useActs(
  scope: string,
  composer: ReturnType<typeof useComposer>,
  setAsk: (ask: Question | null) => void,
): MessageActs {
  const withdraw = scope.startsWith('group:') ? 'groups.withdraw_message' : 'alumni.withdraw_message'
  const asked = (about: Question['about'], yes: () => Promise<unknown>) =>
    setAsk({
      about,
      onYes: () => {
        setAsk(null)
        void yes()
      },
      onNo: () => setAsk(null),
    })

  async function takeBack(said: Said) {
    // What has never left this phone only has to be forgotten here. Its words go back into the box.
    if (said.entry?.seq === null && said.act && !said.act.tried && (await phone().takeBack(said.act.uuid))) {
      composer.takeUp(said, said.text)
    } else {
      asked('back', () => phone().act(withdraw, { message: said.id }))
    }
  }

  async function edit(said: Said) {
    if (said.entry && said.entry.seq !== null && said.act?.state !== 'refused') {
      composer.change({ text: said.text, replyTo: null, editing: { id: said.id, seq: said.entry.seq } })
    } else if (said.act?.state === 'refused') {
      composer.takeUp(said, String(said.act.args.text ?? said.text))
      await phone().dismiss(said.act.uuid)
    } else if (said.act && (await phone().takeBack(said.act.uuid))) {
      composer.takeUp(said, said.text)
    }
  }

  return {
    onReply: (said) => composer.change({ replyTo: said.id }),
    onCopy: (said) => void navigator.clipboard.writeText(said.text).then(() => announce(t('thread.copied'))),
    onEdit: (said) => void edit(said),
    onTakeBack: (said) => void takeBack(said),
    onAgain: (said) => void sendAgain(said.act!),
    onDelete: (said) => {
      if (said.entry) void phone().dismiss(said.act!.uuid)
      else asked('delete', () => phone().dismiss(said.act!.uuid))
    },
    bothHref: (uuid) => href('both', { uuid }),
    load: (said, sha256) => (said.entry ? phone().file(said.entry, sha256) : ownFile(scope, sha256)),
  }
}

/** What has left the feed is read page by page and not stored. */
function useOlder(scope: string) {
  const [count, setCount] = useState(PAGE)
  const [pages, setPages] = useState<{ entries: Message[]; next: string[] | null } | null>(null)
  const [state, setState] = useState<'still' | 'getting' | 'offline'>('still')

  async function fetch() {
    setState('getting')
    try {
      const page = await phone().older(scope, 'message', pages?.next ?? null, PAGE)
      setPages({ entries: [...(page.entries as Message[]), ...(pages?.entries ?? [])], next: page.next })
      setCount((before) => before + page.entries.length)
      setState('still')
    } catch (error) {
      if (!(error instanceof Offline)) console.error(error)
      setState('offline')
    }
  }
  return {
    entries: pages?.entries ?? [],
    count,
    state: (all: number, since: number) => {
      if (state !== 'still') return state
      const couldBeOlder = pages === null ? since < phone().now() - IN_FEED_MS : pages.next !== null
      return count < all || couldBeOlder ? ('more' as const) : ('begin' as const)
    },
    more: (all: number) => {
      if (count < all) setCount(count + PAGE)
      else void fetch()
    },
  }
}

/** What is on the screen and looked at has been read. */
function useMarkRead(scope: string, seq: number | null): void {
  useEffect(() => {
    const mark = () => {
      if (seq === null || document.visibilityState !== 'visible') return
      const [kind, id] = scope.split(':') as ['group' | 'pair', string]
      const marked =
        kind === 'group'
          ? phone().act('groups.mark_read', { group: id, seq })
          : phone().act('alumni.mark_read', { pair: id, seq })
      marked.catch(() => {}) // a full phone: it stays unread
    }
    mark()
    document.addEventListener('visibilitychange', mark)
    return () => document.removeEventListener('visibilitychange', mark)
  }, [scope, seq])
}

/** New words of others are read out once. */
function useArrivals(all: readonly Said[], who: string | undefined): void {
  const last = all.findLast((each) => each.author !== null && each.fate === 'sent')
  const known = useRef(last?.id)
  useEffect(() => {
    if (last && last.id !== known.current) {
      announce(t('people.said', { who: who || t('people.someone'), text: excerpt(last) }))
    }
    known.current = last?.id
  }, [last?.id])
}
