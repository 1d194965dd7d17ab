#include "generate_random.h"

#include <err.h>
#include <stdlib.h>

static const uint64_t GOLDEN_GAMMA = 0x9e3779b97f4a7c15;

static uint64_t mix(uint64_t value)
{
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
    value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
    return value ^ (value >> 31);
}

struct random random_start(uint64_t seed, enum random_stream stream, uint64_t key)
{
    uint64_t state = mix(seed + GOLDEN_GAMMA);

    state = mix(state + (uint64_t)stream + GOLDEN_GAMMA);
    return (struct random){.state = mix(state + key + GOLDEN_GAMMA)};
}

uint64_t random_next(struct random *random)
{
    random->state += GOLDEN_GAMMA;
    return mix(random->state);
}

uint32_t random_below(struct random *random, uint32_t limit)
{
    return (uint32_t)(((random_next(random) >> 32) * limit) >> 32);
}

uint32_t random_weighted(struct random *random, const uint16_t *weights, uint32_t total)
{
    uint32_t left = random_below(random, total);
    uint32_t index = 0;

    while (left >= weights[index])
        left -= weights[index++];
    return index;
}

uint32_t random_quantile(struct random *random, const struct random_quantile *points)
{
    enum { STEPS = 1024 };
    uint32_t place = random_below(random, 1000 * STEPS);
    const struct random_quantile *upper = points + 1;
    const struct random_quantile *lower;

    while (place >= upper->permille * STEPS)
        upper++;
    lower = upper - 1;
    return lower->value + (place - lower->permille * STEPS) * (upper->value - lower->value) /
                              ((upper->permille - lower->permille) * STEPS);
}

uint32_t *random_permutation(struct random *random, uint32_t count)
{
    uint32_t *numbers = calloc(count, sizeof *numbers);

    if (numbers == NULL)
        err(EXIT_FAILURE, "%u numbers", count);
    for (uint32_t place = 0; place < count; place++) {
        uint32_t other = random_below(random, place + 1);

        numbers[place] = numbers[other];
        numbers[other] = place + 1;
    }
    return numbers;
}
