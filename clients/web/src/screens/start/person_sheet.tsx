import { type ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import type { PersonToCall } from '../../model/first_day.ts'
import { isNumber } from '../../model/people_to_call.ts'
import { Button } from '../../parts/button.tsx'
import { Field, useGoToWrong } from '../../parts/field.tsx'
import { Privacy } from '../../parts/notice.tsx'
import { NotKept } from '../../parts/not_kept.tsx'
import { Sheet } from '../../parts/sheet.tsx'
import { useAnswer } from '../../press.ts'
import { t } from '../../text/text.ts'

interface PersonSheetProps {
  /** Who is changed. Without it, someone is added. */
  person?: PersonToCall | undefined
  save?: string
  onClose: () => void
  /** Throws `StorageFull`. */
  onSave: (person: PersonToCall) => Promise<void>
  /** More that can be done with them. */
  children?: ComponentChildren
}

/** A person to call: how they are called, and their number. */
export function PersonSheet({ person, save = t('first.person_add'), onClose, onSave, children }: PersonSheetProps) {
  const [name, setName] = useState(person?.name ?? '')
  const [number, setNumber] = useState(person?.number ?? '')
  const [tries, setTries] = useState(0)
  useGoToWrong(tries)
  const { full, answer } = useAnswer(onClose)
  function keep(event: Event) {
    event.preventDefault()
    setTries(tries + 1)
    if (name.trim() && isNumber(number)) answer(() => onSave({ name: name.trim(), number: number.trim() }))
  }
  return (
    <Sheet title={person?.name ?? t('first.person')} close={t('first.cancel')} onClose={onClose}>
      <form class="stack" noValidate onSubmit={keep}>
        <Field
          label={t('first.person_name')}
          wrong={tries > 0 && !name.trim() ? t('first.person_name_wrong') : undefined}
          value={name}
          onInput={setName}
          name="person"
          maxLength={60}
        />
        <Field
          label={t('first.person_number')}
          wrong={tries > 0 && !isNumber(number) ? t('first.person_number_wrong') : undefined}
          value={number}
          onInput={setNumber}
          name="number"
          type="tel"
          maxLength={30}
        />
        <Privacy>{t('first.person_kept')}</Privacy>
        {full && <NotKept />}
        <Button kind="main" wide submit>
          {save}
        </Button>
        {children}
      </form>
    </Sheet>
  )
}
