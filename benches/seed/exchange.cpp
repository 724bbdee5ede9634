// The seed workloads by threads that share a mutex and condition variables.
//
//   exchange exchange N    N items, one after the other, there and back by two workers
//   exchange strings N     N strings, one way
//
// Prints the nanoseconds of all N: those that the program had the processor, so that on one core other
// programs do not count.

#include <condition_variable>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <deque>
#include <iostream>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

class Queue {
public:
    explicit Queue(std::size_t most) : most_(most) {}

    void put(std::string item) {
        std::unique_lock lock(mutex_);
        room_.wait(lock, [&] { return items_.size() < most_; });
        items_.push_back(std::move(item));
        lock.unlock();
        item_.notify_one();
    }

    std::string take() {
        std::unique_lock lock(mutex_);
        item_.wait(lock, [&] { return !items_.empty(); });
        std::string item = std::move(items_.front());
        items_.pop_front();
        lock.unlock();
        room_.notify_one();
        return item;
    }

private:
    std::size_t most_;
    std::mutex mutex_;
    std::condition_variable room_, item_;
    std::deque<std::string> items_;
};

static std::int64_t now() {
    timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

static std::int64_t exchange(long n) {
    Queue there(1), back(1);
    std::thread server([&] {
        for (long i = 0; i < n; i++) back.put(there.take());
    });
    const auto start = now();
    for (long i = 0; i < n; i++) {
        there.put("Data - 12345");
        back.take();
    }
    const auto end = now();
    server.join();
    return end - start;
}

static std::int64_t strings(long n) {
    std::vector<std::string> all;
    std::string pikas;
    for (int i = 0; i < 100; i++) all.push_back(pikas += "Pika! ");
    Queue queue(100);
    std::size_t bytes = 0;
    std::thread receiver([&] {
        for (long i = 0; i < n; i++) bytes += queue.take().size();
    });
    const auto start = now();
    for (long i = 0; i < n; i++) queue.put(all[i % 100]);
    receiver.join();
    const auto end = now();
    if (n > 0 && bytes == 0) std::abort();
    return end - start;
}

int main(int count, char** arguments) {
    if (count != 3) return 2;
    const long n = std::atol(arguments[2]);
    const bool there_and_back = std::string(arguments[1]) == "exchange";
    std::cout << (there_and_back ? exchange(n) : strings(n)) << "\n";
}
