import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Icon, type IconName } from '../icons';

interface MenuButtonProps {
  readonly icon: IconName;
  readonly label: string;
  /** Why there is nothing to choose; undefined when there is. */
  readonly offBecause: string | undefined;
  readonly items: readonly MenuItem[];
}

interface MenuItem {
  readonly label: string;
  /** Of an item that is on or off; absent for one that does something. */
  readonly isChecked?: boolean;
  readonly run: () => void;
}

/** A button with a menu, as the ARIA menu button pattern has it. */
export function MenuButton({ icon, label, offBecause, items }: MenuButtonProps) {
  const [isOpen, setIsOpen] = useState(false);
  const around = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const entries = () => [...(around.current?.querySelectorAll<HTMLElement>('[role^=menuitem]') ?? [])];
  // Before the next key can come.
  useLayoutEffect(() => {
    if (!isOpen) return undefined;
    entries()[0]?.focus();
    const onPointer = (event: PointerEvent) => {
      if (!around.current?.contains(event.target as Node)) setIsOpen(false);
    };
    document.addEventListener('pointerdown', onPointer);
    return () => document.removeEventListener('pointerdown', onPointer);
  }, [isOpen]);
  const hasChecks = items.some(({ isChecked }) => isChecked !== undefined);
  const close = () => {
    setIsOpen(false);
    button.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (!isOpen) return;
    const all = entries();
    const at = all.indexOf(document.activeElement as HTMLElement);
    if (event.key === 'ArrowDown') all[(at + 1) % all.length]?.focus();
    else if (event.key === 'ArrowUp') all[(at - 1 + all.length) % all.length]?.focus();
    else if (event.key === 'Home') all[0]?.focus();
    else if (event.key === 'End') all.at(-1)?.focus();
    else if (event.key === 'Escape') close();
    else if (event.key === 'Tab') return setIsOpen(false);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div ref={around} class="menu-button" onKeyDown={onKeyDown}>
      <button
        ref={button}
        type="button"
        class="button secondary"
        aria-haspopup="menu"
        aria-expanded={isOpen}
        aria-disabled={offBecause !== undefined}
        title={offBecause}
        onClick={() => offBecause === undefined && setIsOpen(!isOpen)}
      >
        <Icon name={icon} />
        {label}
        <Icon name="chevron" />
      </button>
      {isOpen && (
        <div class="menu" role="menu" aria-label={label}>
          {items.map((item) => (
            <button
              key={item.label}
              type="button"
              role={item.isChecked === undefined ? 'menuitem' : 'menuitemcheckbox'}
              aria-checked={item.isChecked}
              tabIndex={-1}
              onClick={() => {
                close();
                item.run();
              }}
            >
              {hasChecks && <span class="mark">{item.isChecked && <Icon name="check" />}</span>}
              {item.label}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
