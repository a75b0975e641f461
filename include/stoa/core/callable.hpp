#pragma once
// Takes a handler's signature apart. A handler is a free function `Out f(Service&, Context, In)` or a
// member function `Out Service::f(Context, In)`, where Out is a value or a Task of one, Context says who
// asks (Caller, Visitor, or what the edge offers), and In is the described request (may be left out).
// HTTP's endpoint<>() and the sockets' on<>() share it. A member may take a third parameter, More, which only HTTP has:
// a body that is not the described request.
#include <stoa/core/binding.hpp>
#include <stoa/core/task.hpp>

#include <type_traits>

namespace stoa {

template <class T>
struct Unwrapped {
  using type = T;
  static constexpr bool kIsTask = false;
};
template <class T>
struct Unwrapped<Task<T>> {
  using type = T;
  static constexpr bool kIsTask = true;
};

template <class Out, class S, class C, class I, class M = Empty>
struct HandlerParts {
  using Service = S;
  using More = std::remove_cvref_t<M>;
  using Context = std::remove_cvref_t<C>;
  using In = std::remove_cvref_t<I>;
  using Out_ = typename Unwrapped<Out>::type;
  using Answer = std::conditional_t<std::is_void_v<Out_>, Empty, Out_>;
  static constexpr bool kIsTask = Unwrapped<Out>::kIsTask;
  static constexpr bool kReturnsVoid = std::is_void_v<Out_>;
  // What an edge has read is gone when the handler has begun.
  static_assert(!kIsTask ||
                    !(std::is_reference_v<C> || std::is_reference_v<I> || std::is_reference_v<M>),
                "a coroutine's parameters are values");
};

template <class F>
struct Handler;

template <class Out, class S, class C, class I>
struct Handler<Out (*)(S&, C, I)> : HandlerParts<Out, S, C, I> {
  static Out call(Out (*f)(S&, C, I), S& service, std::remove_cvref_t<C> context,
                  std::remove_cvref_t<I> in) {
    return f(service, std::move(context), std::move(in));
  }
};
template <class Out, class S, class C>
struct Handler<Out (*)(S&, C)> : HandlerParts<Out, S, C, Empty> {
  static Out call(Out (*f)(S&, C), S& service, std::remove_cvref_t<C> context, Empty) {
    return f(service, std::move(context));
  }
};
template <class Out, class S, class C, class I>
struct Handler<Out (S::*)(C, I)> : HandlerParts<Out, S, C, I> {
  static Out call(Out (S::*f)(C, I), S& service, std::remove_cvref_t<C> context,
                  std::remove_cvref_t<I> in) {
    return (service.*f)(std::move(context), std::move(in));
  }
};
template <class Out, class S, class C, class I, class M>
struct Handler<Out (S::*)(C, I, M)> : HandlerParts<Out, S, C, I, M> {
  static Out call(Out (S::*f)(C, I, M), S& service, std::remove_cvref_t<C> context,
                  std::remove_cvref_t<I> in, std::remove_cvref_t<M> more) {
    return (service.*f)(std::move(context), std::move(in), std::move(more));
  }
};
template <class Out, class S, class C>
struct Handler<Out (S::*)(C)> : HandlerParts<Out, S, C, Empty> {
  static Out call(Out (S::*f)(C), S& service, std::remove_cvref_t<C> context, Empty) {
    return (service.*f)(std::move(context));
  }
};

}  // namespace stoa
