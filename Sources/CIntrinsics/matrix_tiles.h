#pragma once
// The matrix unit of x86 processors (AMX): eight tiles of 16 rows of 64 bytes, and an instruction
// that adds the product of a tile of bf16 rows and a tile of bf16 pairs to a tile of f32 sums.
//
// The unit is there three times: as the instructions; as a simulation in plain C of what Intel's
// Software Developer's Manual says they do, so that a processor without them can test what is above;
// and as vectors, for processors without it that multiply pairs of bf16 faster than f32.

#include "dot.h"

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wpsabi"

/// What LDTILECFG reads: how many rows, and bytes of a row, each tile has.
struct matrix_tile_configuration {
  unsigned char palette, first_row, reserved[14];
  unsigned short row_bytes[16];
  unsigned char rows[16];
};

enum matrix_tile_kind { INSTRUCTED_TILES, SIMULATED_TILES, VECTOR_TILES };

/// Which unit computes, and the simulation's registers: `simulated_tile_bytes` bytes, aligned to 64.
struct matrix_tile_unit {
  enum matrix_tile_kind kind;
  void *registers;
};

/// A product of up to two by two tiles: 32 rows of the left operand times 32 columns.
struct matrix_tile_product {
  /// Where the first row's depth begins, in the first step; bfloats.
  const unsigned short *a;
  /// Values from one row to the next.
  long a_stride;
  /// Where the 32 values of each step begin, in values from `a`.
  const long *steps;
  long count;
  /// Pairs of a step that are not zero in `b`, up to 16: the matrix unit multiplies all the same.
  long pairs;
  /// [count][2][16][16][2]: of each step, two tiles of 16 columns, the depth in 16 pairs.
  const unsigned short *b;
  /// The first sum, and floats from one row of sums to the next.
  float *c;
  long c_stride;
  /// Adds to what is in `c`.
  int accumulate;
  /// Rows that are wanted, up to 32: the matrix unit computes whole tiles all the same.
  long rows;
  /// Values from a row to the one that is fetched meanwhile for a later product; 0 for none.
  long ahead;
};

#define INLINED static inline __attribute__((always_inline))

// MARK: - The simulation

typedef unsigned int tile_words __attribute__((ext_vector_type(16)));
typedef tile_words tile_words_anywhere __attribute__((aligned(1), may_alias));

struct simulated_tiles {
  tile_words rows[8][16];
  struct matrix_tile_configuration configuration;
};

/// Bytes of the simulation's registers.
static const long simulated_tile_bytes = sizeof(struct simulated_tiles);

/// The unit takes numbers too small for a full significand as zero, and gives none.
INLINED f32x16 flush_tiny_16(tile_words bits) {
  const tile_words normal = (tile_words)((bits & 0x7f800000u) != 0);
  return (f32x16)(bits & (normal | 0x80000000u));
}

INLINED void simulated_configure(struct simulated_tiles *tiles, const struct matrix_tile_configuration *configuration) {
  tiles->configuration = *configuration;
  __builtin_memset(tiles->rows, 0, sizeof tiles->rows);
}

INLINED void simulated_release(struct simulated_tiles *tiles) {
  __builtin_memset(tiles, 0, sizeof *tiles);
}

/// The instructions end a process that has not configured the unit; so does the simulation.
INLINED void simulated_check(const struct simulated_tiles *tiles) {
  if (tiles->configuration.palette != 1) __builtin_trap();
}

INLINED void simulated_zero(struct simulated_tiles *tiles, int tile) {
  simulated_check(tiles);
  __builtin_memset(tiles->rows[tile], 0, sizeof tiles->rows[tile]);
}

INLINED void simulated_load(struct simulated_tiles *tiles, int tile, const void *from, long stride) {
  simulated_zero(tiles, tile);
  for (int r = 0; r < tiles->configuration.rows[tile]; r++)
    __builtin_memcpy(&tiles->rows[tile][r], (const char *)from + r * stride, tiles->configuration.row_bytes[tile]);
}

INLINED void simulated_store(const struct simulated_tiles *tiles, int tile, void *to, long stride) {
  simulated_check(tiles);
  for (int r = 0; r < tiles->configuration.rows[tile]; r++)
    __builtin_memcpy((char *)to + r * stride, &tiles->rows[tile][r], tiles->configuration.row_bytes[tile]);
}

/// TDPBF16PS: the products of first and of second halves are summed apart, rounded at each step.
INLINED void simulated_multiply_add(struct simulated_tiles *tiles, int c, int a, int b) {
  simulated_check(tiles);
  const tile_words upper = (tile_words)0xffff0000u;
  for (int r = 0; r < tiles->configuration.rows[c]; r++) {
    f32x16 first = (f32x16)0, second = (f32x16)0;
    for (int k = 0; k < tiles->configuration.row_bytes[a] / 4; k++) {
      const tile_words pair = (tile_words)tiles->rows[a][r][k], columns = tiles->rows[b][k];
      first = multiply_add_16(flush_tiny_16(pair << 16), flush_tiny_16(columns << 16), first);
      first = flush_tiny_16((tile_words)first);
      second = multiply_add_16(flush_tiny_16(pair & upper), flush_tiny_16(columns & upper), second);
      second = flush_tiny_16((tile_words)second);
    }
    const f32x16 both = flush_tiny_16((tile_words)(first + second));
    tiles->rows[c][r] = (tile_words)flush_tiny_16((tile_words)(flush_tiny_16(tiles->rows[c][r]) + both));
  }
}

// MARK: - The instructions

#if defined(__x86_64__) && defined(__linux__)
#define HAS_TILE_INSTRUCTIONS 1
#define TILE_TARGET __attribute__((target("amx-tile,amx-bf16")))
// Tiles are named in the instructions: by constants, so these cannot be functions.
#define instructed_configure(tiles, configuration) __builtin_ia32_tile_loadconfig(configuration)
#define instructed_release(tiles) __builtin_ia32_tilerelease()
#define instructed_zero(tiles, tile) __builtin_ia32_tilezero(tile)
#define instructed_load(tiles, tile, from, stride) __builtin_ia32_tileloadd64(tile, from, stride)
#define instructed_store(tiles, tile, to, stride) __builtin_ia32_tilestored64(tile, to, stride)
#define instructed_multiply_add(tiles, c, a, b) __builtin_ia32_tdpbf16ps(c, a, b)
#endif

// MARK: - What is compiled for both

/// Tiles 0 to 3 are the sums, row by row; 4 and 5 the rows of the left operand; 6 and 7 the columns.
#define MATRIX_TILE_UNIT(unit, target)                                                                              \
  target INLINED void unit##_product_body(const int rows, const int columns, struct simulated_tiles *tiles,         \
                                          const struct matrix_tile_product *product) {                              \
    (void)tiles;                                                                                                    \
    float *const c = product->c;                                                                                    \
    const long c_bytes = 4 * product->c_stride, a_bytes = 2 * product->a_stride;                                    \
    float *const lower = c + 16 * product->c_stride;                                                                \
    if (product->accumulate) {                                                                                      \
      unit##_load(tiles, 0, c, c_bytes);                                                                            \
      if (columns > 1) unit##_load(tiles, 1, c + 16, c_bytes);                                                      \
      if (rows > 1) unit##_load(tiles, 2, lower, c_bytes);                                                          \
      if (rows > 1 && columns > 1) unit##_load(tiles, 3, lower + 16, c_bytes);                                      \
    } else {                                                                                                        \
      unit##_zero(tiles, 0);                                                                                        \
      if (columns > 1) unit##_zero(tiles, 1);                                                                       \
      if (rows > 1) unit##_zero(tiles, 2);                                                                          \
      if (rows > 1 && columns > 1) unit##_zero(tiles, 3);                                                           \
    }                                                                                                               \
    const unsigned short *b = product->b;                                                                           \
    for (long step = 0; step < product->count; step++, b += 1024) {                                                 \
      const unsigned short *const a = product->a + product->steps[step];                                            \
      unit##_load(tiles, 4, a, a_bytes);                                                                            \
      unit##_load(tiles, 6, b, 64);                                                                                 \
      if (rows > 1) unit##_load(tiles, 5, a + 16 * product->a_stride, a_bytes);                                     \
      if (columns > 1) unit##_load(tiles, 7, b + 512, 64);                                                          \
      unit##_multiply_add(tiles, 0, 4, 6);                                                                          \
      if (columns > 1) unit##_multiply_add(tiles, 1, 4, 7);                                                         \
      if (rows > 1) unit##_multiply_add(tiles, 2, 5, 6);                                                            \
      if (rows > 1 && columns > 1) unit##_multiply_add(tiles, 3, 5, 7);                                             \
    }                                                                                                               \
    unit##_store(tiles, 0, c, c_bytes);                                                                             \
    if (columns > 1) unit##_store(tiles, 1, c + 16, c_bytes);                                                       \
    if (rows > 1) unit##_store(tiles, 2, lower, c_bytes);                                                           \
    if (rows > 1 && columns > 1) unit##_store(tiles, 3, lower + 16, c_bytes);                                       \
  }                                                                                                                 \
  target __attribute__((noinline, unused)) static void unit##_product(                                              \
      struct simulated_tiles *tiles, const struct matrix_tile_product *product, long rows, long columns) {          \
    if (rows > 1 && columns > 1) unit##_product_body(2, 2, tiles, product);                                         \
    else if (rows > 1) unit##_product_body(2, 1, tiles, product);                                                   \
    else if (columns > 1) unit##_product_body(1, 2, tiles, product);                                                \
    else unit##_product_body(1, 1, tiles, product);                                                                 \
  }                                                                                                                 \
  target __attribute__((noinline, unused)) static void unit##_begin(struct simulated_tiles *tiles) {                \
    (void)tiles;                                                                                                    \
    struct matrix_tile_configuration configuration = {.palette = 1};                                                \
    for (int tile = 0; tile < 8; tile++) {                                                                          \
      configuration.row_bytes[tile] = 64;                                                                           \
      configuration.rows[tile] = 16;                                                                                \
    }                                                                                                               \
    unit##_configure(tiles, &configuration);                                                                        \
  }                                                                                                                 \
  target __attribute__((noinline, unused)) static void unit##_end(struct simulated_tiles *tiles) {                  \
    (void)tiles;                                                                                                    \
    unit##_release(tiles);                                                                                          \
  }

MATRIX_TILE_UNIT(simulated, )
#if defined(HAS_TILE_INSTRUCTIONS)
MATRIX_TILE_UNIT(instructed, TILE_TARGET)
#else
#define instructed_begin(tiles) __builtin_trap()
#define instructed_end(tiles) __builtin_trap()
#define instructed_product(tiles, product, rows, columns) __builtin_trap()
#endif

// MARK: - Vectors

/// Some rows of a product, their sums in registers: 24 of them and two of columns leave six.
INLINED void vector_rows(const int rows, const int columns, const struct matrix_tile_product *product, long first) {
  float *const c = product->c + first * product->c_stride;
  const long stride = product->a_stride;
  f32x16 sums[12][2];
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++)
    for (int v = 0; v < columns; v++)
      sums[r][v] = product->accumulate ? load_16(c + r * product->c_stride + 16 * v) : (f32x16)0;
  const unsigned short *b = product->b;
  for (long step = 0; step < product->count; step++, b += 1024) {
    const unsigned short *const a = product->a + product->steps[step] + first * stride;
    if (product->ahead) {
#pragma clang loop unroll(full)
      for (int r = 0; r < rows; r++) __builtin_prefetch(a + r * stride + product->ahead, 0, 3);
    }
    for (long k = 0; k < product->pairs; k++) {
      f32x16 columns_of[2];
      for (int v = 0; v < columns; v++) columns_of[v] = load_16((const float *)(const void *)(b + 512 * v + 32 * k));
#pragma clang loop unroll(full)
      for (int r = 0; r < rows; r++) {
        float pair;
        __builtin_memcpy(&pair, a + r * stride + 2 * k, sizeof pair);
        const f32x16 pairs = (f32x16)pair;
        for (int v = 0; v < columns; v++) sums[r][v] = dot_bfloat_16(sums[r][v], pairs, columns_of[v]);
      }
    }
  }
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++)
    for (int v = 0; v < columns; v++) store_16(sums[r][v], c + r * product->c_stride + 16 * v);
}

INLINED void vector_rows_of(long rows, const int columns, const struct matrix_tile_product *product, long first) {
  switch (rows) {
    case 1: return vector_rows(1, columns, product, first);
    case 2: return vector_rows(2, columns, product, first);
    case 3: return vector_rows(3, columns, product, first);
    case 4: return vector_rows(4, columns, product, first);
    case 5: return vector_rows(5, columns, product, first);
    case 6: return vector_rows(6, columns, product, first);
    case 7: return vector_rows(7, columns, product, first);
    case 8: return vector_rows(8, columns, product, first);
    case 9: return vector_rows(9, columns, product, first);
    case 10: return vector_rows(10, columns, product, first);
    case 11: return vector_rows(11, columns, product, first);
    case 12: return vector_rows(12, columns, product, first);
  }
}

/// The rows that are asked for, in groups of one size or of two that differ by one.
static __attribute__((noinline, unused)) void vector_product(const struct matrix_tile_product *product, long columns) {
  const long rows = product->rows, groups = (rows + 11) / 12;
  for (long group = 0; group < groups; group++) {
    const long first = rows * group / groups, size = rows * (group + 1) / groups - first;
    if (columns > 1) vector_rows_of(size, 2, product, first);
    else vector_rows_of(size, 1, product, first);
  }
}

// MARK: - Their choice

#define ON_UNIT(unit, call, ...)                                                     \
  struct simulated_tiles *const tiles = (struct simulated_tiles *)(unit)->registers; \
  if ((unit)->kind == SIMULATED_TILES) simulated_##call(tiles __VA_OPT__(,) __VA_ARGS__); \
  else if ((unit)->kind == INSTRUCTED_TILES) instructed_##call(tiles __VA_OPT__(,) __VA_ARGS__);

/// Makes the calling thread's unit ready for `multiply_matrix_tiles`, until `end_matrix_tiles`.
static inline void begin_matrix_tiles(const struct matrix_tile_unit *unit) { ON_UNIT(unit, begin) }

/// Gives the calling thread's unit back.
static inline void end_matrix_tiles(const struct matrix_tile_unit *unit) { ON_UNIT(unit, end) }

/// Computes a product of one or two tiles each of rows, as `product` wants, and of columns.
static inline void multiply_matrix_tiles(const struct matrix_tile_unit *unit,
                                         const struct matrix_tile_product *product, long columns) {
  if (unit->kind == VECTOR_TILES) return vector_product(product, columns);
  ON_UNIT(unit, product, product, product->rows > 16 ? 2 : 1, columns)
}

// MARK: - Whether the processor has it

#if defined(HAS_TILE_INSTRUCTIONS)
INLINED void ask_processor(unsigned leaf, unsigned registers[4]) {
  __asm__ volatile("cpuid"
                   : "=a"(registers[0]), "=b"(registers[1]), "=c"(registers[2]), "=d"(registers[3])
                   : "a"(leaf), "c"(0));
}

/// Whether processor and system let this process use tiles of bf16 numbers; asks the system to.
static inline int request_matrix_tiles(void) {
  unsigned registers[4];
  ask_processor(0, registers);
  if (registers[0] < 7) return 0;
  ask_processor(7, registers);
  const int instructions = registers[3] >> 22 & registers[3] >> 24 & 1;
  ask_processor(1, registers);
  const int saves_state = registers[2] >> 27 & 1;
  if (!instructions || !saves_state) return 0;
  // The system must have switched on both the configuration and the tiles' contents.
  unsigned enabled, upper;
  __asm__ volatile("xgetbv" : "=a"(enabled), "=d"(upper) : "c"(0));
  if ((enabled >> 17 & 3) != 3) return 0;
  // arch_prctl(ARCH_REQ_XCOMP_PERM, XTILEDATA), once a process, for all its threads.
  long result;
  __asm__ volatile("syscall" : "=a"(result) : "a"(158), "D"(0x1023), "S"(18) : "rcx", "r11", "memory");
  return result == 0;
}

/// Whether the processor's vectors multiply pairs of bf16 at twice the rate of f32, as AMD's do
/// (Zen 4 and later); Intel's take two steps for it and are no faster than in f32.
static inline int has_fast_pair_vectors(void) {
  unsigned registers[4];
  ask_processor(0, registers);
  // The maker's name is in registers b, d and c: AuthenticAMD.
  const int is_amd = registers[1] == 0x68747541 && registers[3] == 0x69746e65 && registers[2] == 0x444d4163;
  return is_amd && has_bfloat_dot();
}
#else
static inline int request_matrix_tiles(void) { return 0; }
static inline int has_fast_pair_vectors(void) { return 0; }
#endif

#undef ON_UNIT
#undef instructed_begin
#undef instructed_end
#undef instructed_product
#undef MATRIX_TILE_UNIT
#undef HAS_TILE_INSTRUCTIONS
#undef TILE_TARGET
#undef instructed_configure
#undef instructed_release
#undef instructed_zero
#undef instructed_load
#undef instructed_store
#undef instructed_multiply_add
#undef INLINED

#pragma clang diagnostic pop
