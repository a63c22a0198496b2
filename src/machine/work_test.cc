// SPDX-License-Identifier: GPL-2.0-only
// Deferred work without any module: order, how many run at once, waiting, taking back.
#include "machine/work.h"

#include <gtest/gtest.h>

#include "machine/parking.h"

namespace ring3::machine {
namespace {

struct Item {
  WorkWord word{0};  // first: the engine knows its address only
  std::function<void()> body;
};

// A gate that items wait at, asleep.
struct Gate {
  std::atomic<bool> open{false};
  std::atomic<int> waiting{0};
  void pass() {
    waiting++;
    while (!open) Parking::park({.key = this}, [&] { return !open.load(); });
  }
  void open_up() {
    Parking::unpark(
        this, [](uintptr_t) { return Parking::Decision::kWake; }, [&](unsigned) { open = true; });
  }
};

struct WorkTest : testing::Test {
  void boot(unsigned cpus = 2) {
    machine = std::make_unique<Machine>(MachineOptions{.cpus = cpus});
    engine = std::make_unique<WorkEngine>(
        *machine,
        WorkHooks{.identity = [](WorkWord* word) -> uint64_t {
                    // A fault, in a worker.
                    if (word == untouchable && Scheduler::current()->worker)
                      Machine::instance()->scheduler().exit_current(true);
                    return 1;
                  },
                  .run = [](WorkWord* word, uint64_t) { reinterpret_cast<Item*>(word)->body(); },
                  .start =
                      [this](const std::string& name, uint64_t cpus, std::function<void()> body) {
                        names.push_back(name);
                        Task* task = machine->scheduler().create(name, std::move(body));
                        machine->scheduler().allow_cpus(task, cpus);
                        machine->scheduler().wake(task);
                      }},
        4);
    machine->start();
  }
  void TearDown() override {
    machine->stop();
    machine.reset();
    engine.reset();
  }
  void in_task(std::function<void()> body) {
    EXPECT_TRUE(machine->scheduler().run("test", std::move(body)));
  }
  bool queue_item(WorkQueue* queue, Item& item, unsigned cpu = kAnyCpu) {
    if (item.word.fetch_or(kWorkPending) & kWorkPending) return false;
    engine->enqueue(queue, &item.word, cpu);
    return true;
  }
  void yield_until(const std::function<bool()>& condition) {
    while (!condition()) machine->scheduler().schedule();
  }

  inline static const WorkWord* untouchable = nullptr;
  std::vector<std::string> names;
  std::unique_ptr<Machine> machine;
  std::unique_ptr<WorkEngine> engine;
};

TEST_F(WorkTest, one_at_a_time_keeps_the_order) {
  boot();
  std::vector<int> order;
  Item items[5];
  in_task([&] {
    WorkQueue* queue = engine->create({.name = "q", .unbound = true, .max_active = 1});
    for (int i = 0; i < 5; i++) {
      items[i].body = [&order, i] { order.push_back(i); };
      EXPECT_TRUE(queue_item(queue, items[i]));
    }
    engine->wait_until_empty(queue);
    engine->destroy(queue);
  });
  EXPECT_EQ((std::vector<int>{0, 1, 2, 3, 4}), order);
  EXPECT_EQ("kworker/u4:0", names.at(0));
}

TEST_F(WorkTest, the_pending_bit_is_clear_when_the_item_runs) {
  boot();
  int rounds = 0;
  in_task([&] {
    WorkQueue* queue = engine->create({.name = "q"});
    Item item;
    item.body = [&] {
      EXPECT_EQ(0u, item.word.load());
      EXPECT_EQ(queue, engine->current_queue());
      rounds++;
      if (rounds < 3) queue_item(queue, item);
    };
    queue_item(queue, item);
    engine->wait_until_empty(queue);
  });
  EXPECT_EQ(3, rounds);
}

TEST_F(WorkTest, a_bound_item_begins_when_the_one_before_it_sleeps) {
  boot(1);
  Gate gate;
  std::atomic<int> second{0};
  in_task([&] {
    WorkQueue* queue = engine->create({.name = "q"});
    Item items[2];
    items[0].body = [&] {
      EXPECT_EQ(0, second);
      gate.pass();
    };
    items[1].body = [&] { second = 1; };
    queue_item(queue, items[0], 0);
    queue_item(queue, items[1], 0);
    engine->wait_for_item(&items[1].word);
    EXPECT_EQ(1, gate.waiting);
    EXPECT_TRUE(engine->state(&items[0].word).running);
    gate.open_up();
    engine->wait_until_empty(queue);
  });
  EXPECT_EQ((std::vector<std::string>{"kworker/0:0", "kworker/0:1"}), names);
}

TEST_F(WorkTest, max_active_holds_the_rest_back) {
  boot();
  Gate gate;
  in_task([&] {
    WorkQueue* queue = engine->create({.name = "q", .unbound = true, .max_active = 2});
    Item items[4];
    for (Item& item : items) {
      item.body = [&] { gate.pass(); };
      queue_item(queue, item);
    }
    yield_until([&] { return gate.waiting == 2; });
    EXPECT_TRUE(engine->congested(queue, kAnyCpu));
    engine->set_max_active(queue, 3);
    yield_until([&] { return gate.waiting == 3; });
    EXPECT_TRUE(engine->state(&items[3].word).pending);
    gate.open_up();
    engine->wait_until_empty(queue);
    EXPECT_EQ(4, gate.waiting);
  });
}

TEST_F(WorkTest, an_item_never_runs_twice_at_once) {
  boot();
  Gate gate;
  std::atomic<int> inside{0}, rounds{0};
  in_task([&] {
    WorkQueue* queue = engine->create({.name = "q", .unbound = true});
    Item item;
    item.body = [&] {
      EXPECT_EQ(1, ++inside);
      gate.pass();
      inside--;
      rounds++;
    };
    queue_item(queue, item);
    yield_until([&] { return gate.waiting == 1; });
    EXPECT_TRUE(queue_item(queue, item));
    EXPECT_FALSE(queue_item(queue, item));
    gate.open_up();
    engine->wait_until_empty(queue);
  });
  EXPECT_EQ(2, rounds);
}

TEST_F(WorkTest, what_was_taken_back_does_not_run) {
  boot();
  Gate gate;
  in_task([&] {
    WorkQueue* queue = engine->create({.name = "q", .unbound = true, .max_active = 1});
    Item first, second;
    first.body = [&] { gate.pass(); };
    second.body = [] { ADD_FAILURE(); };
    queue_item(queue, first);
    queue_item(queue, second);
    EXPECT_TRUE(engine->take_back(&second.word));
    EXPECT_FALSE(engine->take_back(&second.word));
    EXPECT_EQ(kWorkPending, second.word.load());
    gate.open_up();
    engine->wait_until_empty(queue);
    EXPECT_FALSE(engine->wait_for_item(&first.word));
  });
}

TEST_F(WorkTest, a_flush_waits_for_what_was_there_only) {
  boot();
  Gate gate, later;
  in_task([&] {
    WorkQueue* queue = engine->create({.name = "q", .unbound = true});
    Item first, second;
    second.body = [&] { later.pass(); };
    first.body = [&] {
      queue_item(queue, second);
      gate.pass();
    };
    queue_item(queue, first);
    yield_until([&] { return later.waiting == 1; });
    std::atomic<bool> flushed{false};
    Task* other = machine->scheduler().create("flusher", [&] {
      engine->wait_for_item(&first.word);
      flushed = true;
    });
    machine->scheduler().wake(other);
    gate.open_up();
    machine->scheduler().join(other);
    machine->scheduler().destroy(other);
    EXPECT_TRUE(flushed);
    EXPECT_FALSE(engine->is_empty(queue));
    later.open_up();
    engine->wait_for_all_so_far(queue);
    EXPECT_TRUE(engine->is_empty(queue));
  });
}

TEST_F(WorkTest, an_item_that_dies_counts_as_done) {
  boot();
  int ran = 0;
  in_task([&] {
    WorkQueue* queue = engine->create({.name = "q"});
    Item dies, lives;
    dies.body = [&] { machine->scheduler().exit_current(true); };
    lives.body = [&] { ran++; };
    queue_item(queue, dies, 0);
    queue_item(queue, lives, 0);
    engine->wait_until_empty(queue);
  });
  EXPECT_EQ(1, ran);
}

TEST_F(WorkTest, an_item_that_cannot_be_looked_at_is_dropped) {
  boot();
  int ran = 0;
  in_task([&] {
    WorkQueue* queue = engine->create({.name = "q"});
    Item freed, lives;
    freed.body = [] { ADD_FAILURE(); };
    lives.body = [&] { ran++; };
    untouchable = &freed.word;
    queue_item(queue, freed, 0);
    queue_item(queue, lives, 0);
    engine->wait_until_empty(queue);
    untouchable = nullptr;
  });
  EXPECT_EQ(1, ran);
}

}  // namespace
}  // namespace ring3::machine
