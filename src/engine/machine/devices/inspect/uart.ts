/** The UART's registers in words. PC16550D data sheet, table 2. */
import type { DeviceState } from '../../../state.ts';
import type { Uart, UartState } from '../uart.ts';
import { bitNames, deviceState, register } from './describe.ts';

const causes: Readonly<Record<number, string>> = { 1: 'no interrupt', 2: 'transmitter empty', 4: 'data received' };
const wordLength = (lcr: number): string => `${5 + (lcr & 3)} data bits`;

function interruptCause({ received, ier, transmitted }: UartState): number {
  if (received.length > 0 && ier & 1) return 4;
  return transmitted && ier & 2 ? 2 : 1;
}

export function inspectUart(uart: Uart): DeviceState {
  const state = uart.save();
  const { received, ier, lcr, mcr, scratch, divisor, fifos } = state;
  const cause = interruptCause(state);
  const lsr = 0x60 | (received.length > 0 ? 1 : 0);
  const [next = 0] = received;
  const printable = received.map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '·')).join('');
  return deviceState(uart, {
    title: 'UART, 16550A',
    registers: [
      register(
        'RBR/THR',
        0,
        1,
        next,
        'what was received; a store sends',
        received.length > 0 ? 'the next byte' : 'empty',
      ),
      register(
        'IER',
        1,
        1,
        ier,
        'which interrupts are enabled',
        bitNames(ier, { 0: 'received', 1: 'transmitter empty', 2: 'line status', 3: 'modem status' }),
      ),
      register(
        'IIR/FCR',
        2,
        1,
        cause | (fifos ? 0xc0 : 0),
        'why it interrupts; a store sets up the FIFOs',
        `${causes[cause]}${fifos ? ', FIFOs on' : ''}`,
      ),
      register(
        'LCR',
        3,
        1,
        lcr,
        'format of a character',
        `${wordLength(lcr)}${lcr & 0x80 ? ', divisor latch open' : ''}`,
      ),
      register(
        'MCR',
        4,
        1,
        mcr,
        'modem control',
        bitNames(mcr, { 0: 'DTR', 1: 'RTS', 2: 'OUT1', 3: 'OUT2', 4: 'loopback' }),
      ),
      register(
        'LSR',
        5,
        1,
        lsr,
        'line status',
        bitNames(lsr, { 0: 'data ready', 5: 'transmitter empty', 6: 'all sent' }),
      ),
      register(
        'MSR',
        6,
        1,
        uart.read(6, 1) ?? 0,
        'modem status',
        mcr & 0x10 ? 'looped back' : 'clear to send, data set ready, carrier',
      ),
      register('SCR', 7, 1, scratch, 'scratch; means nothing'),
      register('DLL, DLM', 0, 2, divisor, 'divisor of the clock; while LCR bit 7 is set'),
    ],
    notes: received.length === 0 ? [] : [`${received.length} bytes were received and not read: ${printable}`],
  });
}
