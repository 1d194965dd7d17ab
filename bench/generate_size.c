#include "generate_size.h"

static uint32_t scaled(uint64_t whole, uint64_t millionths)
{
    return (uint32_t)((whole * millionths + SIZE_SCALE_ONE / 2) / SIZE_SCALE_ONE);
}

struct size size_of_scale(uint32_t millionths)
{
    const uint32_t whole_catalogue = 49688;
    const uint32_t smallest_catalogue = 500;
    uint32_t products = scaled(whole_catalogue, (uint64_t)millionths * 10);

    if (products > whole_catalogue)
        products = whole_catalogue;
    if (products < smallest_catalogue)
        products = smallest_catalogue;
    return (struct size){
        .users = scaled(206209, millionths),
        .orders = scaled(3421083, millionths),
        .test_orders = scaled(75000, millionths),
        .items = scaled(34196122, millionths),
        .products = products,
    };
}

struct size size_of_sample(void)
{
    return (struct size){
        .users = 80, .orders = 1000, .test_orders = 29, .items = 10000, .products = 500};
}
