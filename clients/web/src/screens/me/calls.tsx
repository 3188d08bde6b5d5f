/** Whom the person would call: shown under Help, and the first of them on Today after a hard day. */

import { useState } from 'preact/hooks'
import { PEOPLE_TO_CALL, type PersonToCall } from '../../model/first_day.ts'
import { placeOf, putBack, without, withPerson } from '../../model/people_to_call.ts'
import { Button, Buttons } from '../../parts/button.tsx'
import { NotKept } from '../../parts/not_kept.tsx'
import { Notice } from '../../parts/notice.tsx'
import { Row, Rows } from '../../parts/rows.tsx'
import { Empty } from '../../parts/waiting.tsx'
import { phone } from '../../phone.ts'
import { usePress } from '../../press.ts'
import { announce } from '../../shell/live.tsx'
import { toTitle } from '../../shell/step.ts'
import { t } from '../../text/text.ts'
import { PersonSheet } from '../start/person_sheet.tsx'
import { peopleToCall } from '../today/here.ts'
import { Under } from './under.tsx'

export interface CallsProps {
  people: readonly PersonToCall[]
  /** Who has just been removed, and can be put back. */
  removed: string | null
  full?: boolean
  /** Throws `StorageFull`. */
  onSave: (person: PersonToCall, before?: PersonToCall) => Promise<void>
  onFirst: (person: PersonToCall) => void
  onRemove: (person: PersonToCall) => void
  onPutBack: () => void
}

export function Calls({ people, removed, full, onSave, onFirst, onRemove, onPutBack }: CallsProps) {
  const [adds, setAdds] = useState(false)
  const [changed, change] = useState<PersonToCall | null>(null)
  return (
    <Under
      title={t('calls.title')}
      lead={t('calls.lead')}
      end={
        <Button wide icon="add" onPress={() => setAdds(true)}>
          {t('first.person_add')}
        </Button>
      }
    >
      {full && <NotKept />}
      {removed !== null && (
        <Notice icon="again" title={t('calls.removed', { name: removed })} buttons={<Button onPress={onPutBack}>{t('calls.put_back')}</Button>}>
          <p>{t('calls.removed_what')}</p>
        </Notice>
      )}
      {people.length > 0 ? (
        <Rows>
          {people.map((person) => (
            <Row key={`${person.name} ${person.number}`} icon="me" title={person.name} hint={person.number} end={t('calls.change')} onPress={() => change(person)} />
          ))}
        </Rows>
      ) : (
        <Empty title={t('calls.none')}>
          <p>{t('calls.none_what')}</p>
        </Empty>
      )}
      {adds && <PersonSheet onClose={() => setAdds(false)} onSave={onSave} />}
      {changed && <ChangeSheet person={changed} isFirst={changed === people[0]} onClose={() => change(null)} {...{ onSave, onFirst, onRemove }} />}
    </Under>
  )
}

interface ChangeProps extends Pick<CallsProps, 'onSave' | 'onFirst' | 'onRemove'> {
  person: PersonToCall
  isFirst: boolean
  onClose: () => void
}

export function ChangeSheet({ person, isFirst, onClose, onSave, onFirst, onRemove }: ChangeProps) {
  const end = (work: (person: PersonToCall) => void) => () => {
    onClose()
    work(person)
  }
  return (
    <PersonSheet person={person} save={t('calls.save')} onClose={onClose} onSave={(next) => onSave(next, person)}>
      <Buttons even>
        {!isFirst && <Button onPress={end(onFirst)}>{t('calls.to_top')}</Button>}
        <Button onPress={end(onRemove)}>{t('calls.remove')}</Button>
      </Buttons>
    </PersonSheet>
  )
}

export function CallsPage() {
  const [removed, setRemoved] = useState<{ person: PersonToCall; place: number } | null>(null)
  const [press, full] = usePress()
  const people = peopleToCall()
  const keep = (next: PersonToCall[]) => phone().keep(PEOPLE_TO_CALL, next)

  async function save(person: PersonToCall, before?: PersonToCall) {
    await keep(withPerson(peopleToCall(), person, before))
    announce(t('fate.saved'))
  }

  async function remove(person: PersonToCall) {
    await keep(without(people, person))
    setRemoved({ person, place: placeOf(people, person) })
    announce(t('calls.removed', { name: person.name }))
    toTitle()
  }

  async function bringBack({ person, place }: NonNullable<typeof removed>) {
    await keep(putBack(people, person, place))
    setRemoved(null)
    announce(t('fate.saved'))
    toTitle()
  }

  async function putFirst(person: PersonToCall) {
    await keep(putBack(people, person, 0))
    announce(t('fate.saved'))
    toTitle()
  }

  return (
    <Calls
      people={people}
      removed={removed?.person.name ?? null}
      full={full}
      onSave={save}
      onFirst={(person) => void press(() => putFirst(person))}
      onRemove={(person) => void press(() => remove(person))}
      onPutBack={() => removed && void press(() => bringBack(removed))}
    />
  )
}
