import { effect } from '@preact/signals'
import { unreadInAll, type Holdings } from '../../model/conversations.ts'
import { entries, phone, status, unread } from '../../phone.ts'

/** What People is made of, as the phone has it now. */
export function holdings(): Holdings {
  return {
    user: status.value?.user ?? '',
    groups: entries('group'),
    pairs: entries('pair'),
    cards: entries('member_card'),
    messages: (scope) => entries('message', scope),
    rounds: entries('round'),
    markers: entries('read_marker'),
    blocks: entries('block'),
    connections: entries('connection'),
    outbox: phone().outbox(),
    notSent: phone().notSent(),
    loading: status.value?.loading ?? [],
  }
}

/** The count on the tab follows whatever is read, here or on another phone. */
effect(() => {
  unread.value = status.value?.screen === 'open' ? unreadInAll(holdings()) : 0
})
