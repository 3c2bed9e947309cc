/** `<stdatomic.h>`: names for GCC's builtins (C11 §7.17). */

/** Objects of `<stdatomic.h>`, by the type that they are of. */
const atomicTypes = [
  ['bool', '_Bool'],
  ['char', 'char'],
  ['schar', 'signed char'],
  ['uchar', 'unsigned char'],
  ['short', 'short'],
  ['ushort', 'unsigned short'],
  ['int', 'int'],
  ['uint', 'unsigned int'],
  ['long', 'long'],
  ['ulong', 'unsigned long'],
  ['llong', 'long long'],
  ['ullong', 'unsigned long long'],
  ['size_t', 'unsigned long'],
  ['ptrdiff_t', 'long'],
  ['intptr_t', 'long'],
  ['uintptr_t', 'unsigned long'],
  ['intmax_t', 'long'],
  ['uintmax_t', 'unsigned long'],
] as const;

/** Functions with an order as the last argument, and without. */
const atomicFunctions = [
  ['load', 'object', '__atomic_load_n(object, order)'],
  ['store', 'object, value', '__atomic_store_n(object, value, order)'],
  ['exchange', 'object, value', '__atomic_exchange_n(object, value, order)'],
  ...(['add', 'sub', 'and', 'or', 'xor'] as const).map(
    (op) => [`fetch_${op}`, 'object, value', `__atomic_fetch_${op}(object, value, order)`] as const,
  ),
  ['flag_test_and_set', 'flag', '__atomic_test_and_set(&(flag)->held, order)'],
  ['flag_clear', 'flag', '__atomic_clear(&(flag)->held, order)'],
] as const;

const atomicMacros = atomicFunctions.map(
  ([name, parameters, body]) => `#define atomic_${name}_explicit(${parameters}, order) ${body}
#define atomic_${name}(${parameters}) ${body.replace('order', '5')}`,
);

export const stdatomic = `#pragma once
typedef enum {
  memory_order_relaxed, memory_order_consume, memory_order_acquire,
  memory_order_release, memory_order_acq_rel, memory_order_seq_cst
} memory_order;
${atomicTypes.map(([name, type]) => `typedef _Atomic(${type}) atomic_${name};`).join('\n')}
typedef struct { unsigned char held; } atomic_flag;
#define ATOMIC_FLAG_INIT { 0 }
#define ATOMIC_VAR_INIT(value) (value)
#define atomic_init(object, value) ((void)(*(object) = (value)))
#define kill_dependency(value) (value)
#define atomic_is_lock_free(object) __atomic_is_lock_free(sizeof *(object), object)
${atomicMacros.join('\n')}
#define atomic_compare_exchange_strong(object, expected, value) \\
  __atomic_compare_exchange_n(object, expected, value, 0, 5, 5)
#define atomic_compare_exchange_weak(object, expected, value) \\
  __atomic_compare_exchange_n(object, expected, value, 1, 5, 5)
#define atomic_compare_exchange_strong_explicit(object, expected, value, success, failure) \\
  __atomic_compare_exchange_n(object, expected, value, 0, success, failure)
#define atomic_compare_exchange_weak_explicit(object, expected, value, success, failure) \\
  __atomic_compare_exchange_n(object, expected, value, 1, success, failure)
#define atomic_thread_fence(order) __atomic_thread_fence(order)
#define atomic_signal_fence(order) __atomic_signal_fence(order)
`;
