"""The built-in bots: the tutorial's account balance, order status, store locator and questions answered by an API.

Plain specifications; they become rows by the same services as a user's bots.
"""

from __future__ import annotations

from bots.demo.build import END, bot, call, cards, dialog, fills_slot, integration, otherwise, question, starter, text
from bots.engine import spec

WRAP_STORES = """\
// The API answers a list; fields need an object around it.
var response = botContext.getBotVariable('api_Stores');
var stores = JSON.parse(response.jsonData).api_Stores;
response.jsonData = JSON.stringify({ api_Stores: { found: stores.length, stores: stores } });
botContext.setBotVariable('api_Stores', response, true, false);
"""

SUM_UP_ORDER = """\
// Say in words what the order's fields mean together. The response stays as it came, so amounts keep their digits.
var order = JSON.parse(botContext.getBotVariable('api_Order').jsonData).api_Order;
var when = order.status === 'delivered' ? 'on ' + order.expected : 'expected ' + order.expected;
var summary = order.status + ', ' + when + (order.carrier ? ', with ' + order.carrier : '');
botContext.setBotVariable('orderSummary', summary, true, false);
"""


def account_balance() -> spec.BotSpec:
    """Two questions fill slots, a call takes them as request parameters, a text says what came back."""
    balance = integration(
        "Balance",
        "/balance",
        accountNumber="{$botContext.slot.accountNumber}",
        email="{$botContext.slot.email}",
        fields={
            "balance": "{$.api_Balance.balance}",
            "currency": "{$.api_Balance.currency}",
            "holder": "{$.api_Balance.holder}",
        },
    )
    talk = dialog(
        "Account balance",
        starter("Balance starter", "*balance*", "*how much (money | ) do i have*", "hi", "hello"),
        question(
            "Ask account number",
            "What is your account number?",
            fills_slot("accountNumber", name="An account number", regex=r"^\s*\d{8,20}\s*$"),
            otherwise("An account number has digits only, at least eight of them."),
        ),
        question(
            "Ask email",
            "Which e-mail address is it registered with?",
            fills_slot("email", name="An e-mail address", regex=r"^\s*\S+@\S+\.\S+\s*$"),
            otherwise("That does not look like an e-mail address."),
        ),
        call("Get balance", "Balance", success="Say balance", failure="Say not found"),
        text(
            "Say balance",
            "Thank you, {Balance.holder}. Your balance is {Balance.balance} {Balance.currency}.",
            then=END,
        ),
        text(
            "Say not found",
            "I found no account with this number and e-mail address. Ask for your balance to try again.",
        ),
    )
    return bot(
        "Account balance",
        talk,
        integrations=(balance,),
        fallback="I can tell you the balance of your account. Try: What is my balance?",
    )


def order_status() -> spec.BotSpec:
    """A slot in the path of a URL, a transform script, and a card for each element of a list."""
    order = integration(
        "Order",
        "/orders/{$botContext.slot.orderId}",
        transform=SUM_UP_ORDER,
        fields={
            "id": "{$.api_Order.id}",
            "total": "{$.api_Order.total}",
            "item": "{$.api_Order.items[i].name}",
            "quantity": "{$.api_Order.items[i].quantity}",
            "price": "{$.api_Order.items[i].price}",
        },
    )
    talk = dialog(
        "Order status",
        starter("Order starter", "*order*", "*parcel*", "*delivery*", "hi", "hello"),
        question(
            "Ask order",
            "Which order is it about? Its number looks like A-1001.",
            fills_slot("orderId", name="An order number", regex=r"(?i)^\s*[a-z]-\d{4}\s*$"),
            otherwise("An order number is a letter, a dash and four digits, such as A-1001."),
        ),
        call("Get order", "Order", success="Say status", failure="Say no order"),
        text(
            "Say status",
            "Your order {Order.id} is {$botContext.orderSummary}. "
            "It holds {Order.item.count} items, {Order.total} EUR in all:",
        ),
        cards("Show items", spec.Tile("{Order.item}", "{Order.quantity} × {Order.price} EUR"), then=END),
        text("Say no order", "I found no order with this number. Ask about your order to try another one."),
    )
    return bot(
        "Order status",
        talk,
        integrations=(order,),
        fallback="I can tell you where your order is. Try: Where is my order?",
    )


def store_locator() -> spec.BotSpec:
    """A top-level list, wrapped by a script, as cards with a button."""
    stores = integration(
        "Stores",
        "/stores",
        city="{$botContext.slot.city}",
        transform=WRAP_STORES,
        fields={
            "found": "{$.api_Stores.found}",
            "name": "{$.api_Stores.stores[i].name}",
            "street": "{$.api_Stores.stores[i].street}",
            "hours": "{$.api_Stores.stores[i].hours}",
            "phone": "{$.api_Stores.stores[i].phone}",
        },
    )
    card = spec.Tile(
        "{Stores.name}",
        "{Stores.street}, open {Stores.hours}",
        buttons=(spec.Button("Call {Stores.phone}", "web_url", "tel:{Stores.phone}"),),
    )
    talk = dialog(
        "Find a store",
        starter("Store starter", "*store*", "*shop*", "hi", "hello"),
        question(
            "Ask city",
            "In which city? There are stores in Bristol and Oxford.",
            fills_slot("city", name="A city", regex=r"\S"),
        ),
        call(
            "Get stores",
            "Stores",
            success="Say how many",
            failure="Say no answer",
            nothing=(spec.VariableCondition("{Stores.found}", "equals", "0"), "Say no store"),
        ),
        text("Say how many", "Stores in {$botContext.slot.city}: {Stores.found}"),
        cards("Show stores", card, then=END),
        text(
            "Say no store",
            "There is no store in {$botContext.slot.city}. Ask for a store to try another city.",
            then=END,
        ),
        text("Say no answer", "The list of stores cannot be read at the moment. Please try again later."),
    )
    return bot(
        "Store locator", talk, integrations=(stores,), fallback="I can find a store near you. Try: Where is a store?"
    )


def faq() -> spec.BotSpec:
    """Whatever is asked goes to an API that searches, and the best answer comes back."""
    search = integration(
        "Faq",
        "/faq",
        query="{$userMessage}",
        fields={"answer": "{$.api_Faq.results[0].answer}", "question": "{$.api_Faq.results[0].question}"},
    )
    welcome = dialog(
        "Welcome",
        starter("Welcome starter", "hi", "hello", "help"),
        text("Welcome text", "Hello! Ask me about delivery, returns and payment."),
    )
    answers = dialog(
        "Answers",
        starter("Answer starter", "*"),
        call(
            "Search",
            "Faq",
            success="Say answer",
            failure="Say no answer",
            nothing=(spec.VariableCondition("{Faq.answer}", "is_empty"), "Say nothing found"),
        ),
        text("Say answer", "<b>{Faq.question}</b><br>{Faq.answer}", then=END),
        text("Say nothing found", "I have no answer to that. Ask me about delivery, returns or payment.", then=END),
        text("Say no answer", "The answers cannot be read at the moment. Please try again later."),
    )
    return bot(
        "FAQ from an API", welcome, answers, integrations=(search,), fallback="Ask me about delivery and returns."
    )
