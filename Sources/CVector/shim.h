#pragma once

// The inner loops of the books of risk, in the widths that processors have: Swift has no way to say that
// one function may use instructions which another machine lacks. Every function reads and writes only
// the numbers that its caller has checked; the widest that the machine knows is taken once.

#include <stddef.h>

#define VECTOR_BODY(NAME, TARGET, WIDTH)                                                              \
  typedef double NAME##_lanes __attribute__((vector_size(8 * WIDTH), aligned(8), may_alias));         \
  TARGET static inline void NAME##_add(                                                               \
      double factor, const double *source, double *goal, size_t count) {                              \
    size_t at = 0;                                                                                    \
    for (; at + 4 * WIDTH <= count; at += 4 * WIDTH) {                                                \
      for (size_t part = 0; part < 4; part++) {                                                       \
        size_t here = at + part * WIDTH;                                                              \
        NAME##_lanes sum = *(const NAME##_lanes *)(goal + here);                                      \
        sum += *(const NAME##_lanes *)(source + here) * factor;                                       \
        *(NAME##_lanes *)(goal + here) = sum;                                                         \
      }                                                                                               \
    }                                                                                                 \
    for (; at < count; at++) goal[at] += factor * source[at];                                         \
  }                                                                                                   \
  TARGET static inline double NAME##_dot(const double *one, const double *other, size_t count) {      \
    NAME##_lanes first = {0}, second = {0};                                                           \
    size_t at = 0;                                                                                    \
    for (; at + 2 * WIDTH <= count; at += 2 * WIDTH) {                                                \
      first += *(const NAME##_lanes *)(one + at) * *(const NAME##_lanes *)(other + at);               \
      second +=                                                                                       \
          *(const NAME##_lanes *)(one + at + WIDTH) * *(const NAME##_lanes *)(other + at + WIDTH);    \
    }                                                                                                 \
    first += second;                                                                                  \
    double sum = 0;                                                                                   \
    for (size_t lane = 0; lane < WIDTH; lane++) sum += first[lane];                                   \
    for (; at < count; at++) sum += one[at] * other[at];                                              \
    return sum;                                                                                       \
  }                                                                                                   \
  TARGET static inline void NAME##_update(                                                            \
      double *matrix, double scale, const double *rows, const double *vector, double *products,       \
      size_t count) {                                                                                 \
    for (size_t row = 0; row < count; row += 2) {                                                     \
      size_t twin = row + 1 < count ? row + 1 : row;                                                  \
      double *goal = matrix + row * count, *next = matrix + twin * count;                             \
      NAME##_lanes f[8], g[8], sum = {0}, other = {0};                                                \
      for (size_t k = 0; k < 8; k++) {                                                                \
        f[k] = (NAME##_lanes){0} + rows[k * count + row];                                             \
        g[k] = (NAME##_lanes){0} + rows[k * count + twin];                                            \
      }                                                                                               \
      size_t at = 0;                                                                                  \
      for (; at + WIDTH <= count; at += WIDTH) {                                                      \
        NAME##_lanes a = *(const NAME##_lanes *)(goal + at) * scale;                                  \
        NAME##_lanes b = *(const NAME##_lanes *)(next + at) * scale;                                  \
        _Pragma("clang loop unroll(full)") for (size_t k = 0; k < 8; k++) {                           \
          NAME##_lanes part = *(const NAME##_lanes *)(rows + k * count + at);                         \
          a += part * f[k];                                                                           \
          b += part * g[k];                                                                           \
        }                                                                                             \
        NAME##_lanes weight = *(const NAME##_lanes *)(vector + at);                                   \
        *(NAME##_lanes *)(goal + at) = a;                                                             \
        if (twin != row) *(NAME##_lanes *)(next + at) = b;                                            \
        sum += a * weight;                                                                            \
        other += b * weight;                                                                          \
      }                                                                                               \
      double total = 0, rest = 0;                                                                     \
      for (size_t lane = 0; lane < WIDTH; lane++) {                                                   \
        total += sum[lane];                                                                           \
        rest += other[lane];                                                                          \
      }                                                                                               \
      for (; at < count; at++) {                                                                      \
        double a = goal[at] * scale, b = next[at] * scale;                                            \
        for (size_t k = 0; k < 8; k++) {                                                              \
          a += rows[k * count + at] * f[k][0];                                                        \
          b += rows[k * count + at] * g[k][0];                                                        \
        }                                                                                             \
        goal[at] = a;                                                                                 \
        if (twin != row) next[at] = b;                                                                \
        total += a * vector[at];                                                                      \
        rest += b * vector[at];                                                                       \
      }                                                                                               \
      products[row] = total;                                                                          \
      if (twin != row) products[twin] = rest;                                                         \
    }                                                                                                 \
  }                                                                                                   \
  TARGET static inline void NAME##_products(                                                          \
      const double *series, size_t count, size_t length, double *goal) {                              \
    for (size_t row = 0; row < count; row += 4) {                                                     \
      for (size_t column = 0; column <= row; column += 4) {                                           \
        const double *one[4], *other[4];                                                              \
        NAME##_lanes sums[16];                                                                        \
        for (size_t k = 0; k < 4; k++) {                                                              \
          one[k] = series + (row + k < count ? row + k : row) * length;                               \
          other[k] = series + (column + k < count ? column + k : column) * length;                    \
        }                                                                                             \
        for (size_t k = 0; k < 16; k++) sums[k] = (NAME##_lanes){0};                                  \
        size_t at = 0;                                                                                \
        for (; at + WIDTH <= length; at += WIDTH) {                                                   \
          _Pragma("clang loop unroll(full)") for (size_t k = 0; k < 16; k++) {                        \
            NAME##_lanes part = *(const NAME##_lanes *)(one[k / 4] + at);                             \
            sums[k] += part * *(const NAME##_lanes *)(other[k % 4] + at);                             \
          }                                                                                           \
        }                                                                                             \
        for (size_t k = 0; k < 16; k++) {                                                             \
          size_t i = row + k / 4, j = column + k % 4;                                                 \
          if (i >= count || j > i) continue;                                                          \
          double total = 0;                                                                           \
          for (size_t lane = 0; lane < WIDTH; lane++) total += sums[k][lane];                         \
          for (size_t t = at; t < length; t++) total += one[k / 4][t] * other[k % 4][t];              \
          goal[i * count + j] = goal[j * count + i] = total;                                          \
        }                                                                                             \
      }                                                                                               \
    }                                                                                                 \
  }

VECTOR_BODY(vector_plain, , 2)
#if defined(__x86_64__)
VECTOR_BODY(vector_wide, __attribute__((target("avx2,fma"))), 4)
VECTOR_BODY(vector_widest, __attribute__((target("avx512f,avx2,fma"))), 8)

static inline int vector_width(void) {
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f")) return 8;
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? 4 : 2;
}
#define VECTOR_CHOICE(WIDTH, CALL)            \
  if (WIDTH == 8) return vector_widest_##CALL; \
  if (WIDTH == 4) return vector_wide_##CALL;   \
  return vector_plain_##CALL;
#else
static inline int vector_width(void) { return 2; }
#define VECTOR_CHOICE(WIDTH, CALL) return vector_plain_##CALL;
#endif

/// goal += factor · source.
static inline void vector_add(
    int width, double factor, const double *source, double *goal, size_t count) {
  VECTOR_CHOICE(width, add(factor, source, goal, count))
}

/// The sum of products.
static inline double vector_dot(int width, const double *one, const double *other, size_t count) {
  VECTOR_CHOICE(width, dot(one, other, count))
}

/// matrix = scale · matrix + the sum of eight rows' outer products; products = matrix · vector.
static inline void vector_update(
    int width, double *matrix, double scale, const double *rows, const double *vector,
    double *products, size_t count) {
  VECTOR_CHOICE(width, update(matrix, scale, rows, vector, products, count))
}

/// goal = the product of every series with every other; count series of one length.
static inline void vector_products(
    int width, const double *series, size_t count, size_t length, double *goal) {
  VECTOR_CHOICE(width, products(series, count, length, goal))
}
