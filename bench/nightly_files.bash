# The files of the following loads, made from those of the first: the same files make the same. For
# bench/nightly.
# shellcheck shell=bash

# make_new_orders DATA FILES USERS ORDERS
#
# 500 orders of 10 items, of users who have ordered before: their ids follow those of the orders in
# the directory DATA, which has so many users and orders.
make_new_orders() {
    mkdir "$2"
    # A user's orders stand together, the last one last.
    awk -F , -v OFS=, -v users="$3" -v id="$4" '
        function order_again(line,   field) {
            split(line, field, ",")
            for (user++; int(user * 500 / users) > made; made++)
                print ++id, field[2], "prior", ++field[4], made % 7, sprintf("%02d", made % 24), "7.0"
        }
        NR == 1 { print; next }
        NR > 2 && $2 != customer { order_again(last) }
        { customer = $2; last = $0 }
        END { order_again(last) }' "$1/orders.csv" >"$2/orders.csv"
    # Products that people order, each once in an order.
    awk -F , -v OFS=, -v id="$4" '
        NR == 1 { print; id++; next }
        !($2 in seen) {
            seen[$2]
            print id, $2, ++items, $4
            if (items == 10) { id++; orders++; items = 0; split("", seen) }
            if (orders == 500) exit
        }' "$1/order_products__prior.csv" >"$2/order_products.csv"
}

# make_changed_rows DATA FILES WHOLE
#
# The users and orders of the directory DATA, every hundredth of them changed; only these where WHOLE
# is 0. Users have another telephone and have logged in, orders have another time.
make_changed_rows() {
    mkdir "$2"
    awk -v whole="$3" '
        # Splits at the commas that are not between quotes. The fields keep their quotes.
        function split_record(record, field,   piece, pieces, count, quotes, i) {
            pieces = split(record, piece, ",")
            for (i = 1; i <= pieces; i++) {
                field[quotes % 2 ? count : ++count] = quotes % 2 ? field[count] "," piece[i] : piece[i]
                quotes += gsub(/"/, "\"", piece[i])
            }
            return count
        }
        function join(field, count,   record, i) {
            record = field[1]
            for (i = 2; i <= count; i++) record = record "," field[i]
            return record
        }
        NR > 1 && NR % 100 == 0 {
            count = split_record($0, field)
            field[7] = sprintf("(555) 555-%04d", NR / 100 % 10000)
            field[12] = "2019-01-02 03:04:05+00:00"
            field[13] = "2019-01-02 03:05:00+00:00"
            print join(field, count)
            next
        }
        NR == 1 || whole' "$1/users.csv" >"$2/users.csv"
    awk -F , -v OFS=, -v whole="$3" '
        NR > 1 && NR % 100 == 0 {
            $5 = ($5 + 1) % 7
            $6 = sprintf("%02d", ($6 + 1) % 24)
            if ($7 != "") $7 = ($7 + 1) % 31 ".0"
            print
            next
        }
        NR == 1 || whole' "$1/orders.csv" >"$2/orders.csv"
}

# make_changed_items DATA FILES PRODUCTS
#
# All the items of the directory DATA, every hundredth of them changed: of ten, one is gone, one is
# another product, and eight are reordered or not any more.
make_changed_items() {
    local file
    mkdir "$2"
    for file in order_products__prior.csv order_products__train.csv; do
        # The lines of an order stand together.
        awk -F , -v OFS=, -v products="$3" '
            function another(product) {
                do product = product % products + 1; while (product in seen)
                seen[product]
                return product
            }
            function write_order(   i, field) {
                for (i = 1; i <= count; i++) {
                    if (++rows % 100 == 0) {
                        if (rows / 100 % 10 == 0) continue
                        split(line[i], field, ",")
                        if (rows / 100 % 10 == 1) field[2] = another(field[2])
                        else field[4] = 1 - field[4]
                        line[i] = field[1] "," field[2] "," field[3] "," field[4]
                    }
                    print line[i]
                }
                count = 0
                split("", seen)
            }
            NR == 1 { print; next }
            $1 != order { write_order(); order = $1 }
            { line[++count] = $0; seen[$2] }
            END { write_order() }' "$1/$file" >"$2/$file"
    done
}
