"""What each check says to a person: what is wrong, and how to mend it.

The parameters are `{found}`, `{expected}` and the values of the finding; amounts, rates and dates in them
are raw, and written in the reader's way at the edge.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from fatto.i18n import _


class Advice(NamedTuple):
    """Two texts marked for translation."""

    text: str
    fix: str


TEXTS: Mapping[str, Advice] = {
    "00001": Advice(
        _(
            "The file is called {found}; SDI wants the country, the sender's tax code, an underscore and up "
            "to five letters or digits: IT01234567897_00001.xml."
        ),
        _("Rename the file before you send it, and never use a name twice."),
    ),
    "00003": Advice(
        _("The file has {found} bytes; {channel} takes at most {expected}."),
        _("Send it by a channel that takes larger files, make the attachments smaller, or split the lot."),
    ),
    "00102": Advice(
        _("Invoices to the public administration must be signed, and this file is not."),
        _("Sign the file with a qualified certificate (CAdES, .xml.p7m, or XAdES) before you send it."),
    ),
    "00313": Advice(
        _("The recipient code is XXXXXXX, which is for buyers abroad, but the buyer has no foreign VAT number."),
        _(
            "Write the buyer's foreign VAT number, or use the recipient code of an Italian buyer (0000000 if"
            " it has none)."
        ),
    ),
    "00330": Advice(
        _("The certified mail address of the recipient, {found}, is one of SDI itself."),
        _("Write the buyer's own address, or leave it out."),
    ),
    "00400": Advice(
        _("Line {number} ({description}) has a VAT rate of 0% and no nature that says why."),
        _("Give the line its nature (for example N2.2 or N4), or its VAT rate."),
    ),
    "00401": Advice(
        _(
            "Line {number} ({description}) has a VAT rate of {rate}% and also the nature {found}, which is "
            "only for lines without VAT."
        ),
        _("Take the nature away, or set the rate to 0."),
    ),
    "00403": Advice(
        _("The document is dated {found}, which is in the future; SDI takes it from that day on."),
        _("Correct the date, or send the file on that day."),
    ),
    "00409": Advice(
        _("Number {found} stands twice in this file: document {body} has the number and year of document {first}."),
        _("Give each document its own number, or take the double out of the file."),
    ),
    "00411": Advice(
        _(
            "Line {number} ({description}) is marked as subject to withholding tax, but the document says "
            "nothing of a withholding."
        ),
        _("Add the withholding (type, amount, rate, reason), or take the mark off the line."),
    ),
    "00413": Advice(
        _("The contribution {fund} has a VAT rate of 0% and no nature that says why."),
        _("Give the contribution its nature, or its VAT rate."),
    ),
    "00414": Advice(
        _(
            "The contribution {fund} has a VAT rate of {rate}% and also the nature {found}, which is only "
            "for amounts without VAT."
        ),
        _("Take the nature away, or set the rate to 0."),
    ),
    "00415": Advice(
        _(
            "The contribution {fund} is marked as subject to withholding tax, but the document says nothing "
            "of a withholding."
        ),
        _("Add the withholding (type, amount, rate, reason), or take the mark off the contribution."),
    ),
    "00417": Advice(
        _("The buyer has neither a VAT number nor a tax code."),
        _("Write at least one of the two."),
    ),
    "00418": Advice(
        _("The credit note is dated {found}, before the invoice {invoice} of {expected} that it refers to."),
        _("Correct the date of the credit note or that of the invoice it refers to."),
    ),
    "00419": Advice(
        _("The lines have {expected} VAT rates ({rates}), but there are only {found} VAT summaries."),
        _("Add a VAT summary for each rate."),
    ),
    "00420": Advice(
        _("A VAT summary with nature {found} (reverse charge) is marked as split payment; the two exclude each other."),
        _("Choose immediate or deferred chargeability, or another nature."),
    ),
    "00421": Advice(
        _("The VAT of the summary at {rate}% is {found}, but {rate}% of {taxable} is {expected}."),
        _("Correct the VAT amount or the taxable amount of the summary."),
    ),
    "00422": Advice(
        _("The lines at {rate}% add up to {expected}, but the VAT summary says {found}."),
        _("Correct the summary or the line that is wrong; contributions and roundings count as well."),
    ),
    "00423": Advice(
        _("Line {number} ({description}) says {found}, but price, discounts and quantity give {expected}."),
        _("Correct the total of the line, or its price, discount or quantity."),
    ),
    "00424": Advice(
        _("A VAT rate is written as {found}; rates are percentages."),
        _("Write {expected} instead."),
    ),
    "00425": Advice(
        _("The number of the document, {found}, has no digit."),
        _("Give it a number with at least one digit."),
    ),
    "00427": Advice(
        _("The recipient code {found} does not fit the format {format}, which wants {expected} characters."),
        _("Use FPA12 with the 6 characters of an office of the administration, FPR12 with 7 for all others."),
    ),
    "00428": Advice(
        _("The file says format {found} inside, but version {expected} at its head."),
        _("Write the same in both places."),
    ),
    "00429": Advice(
        _("A VAT summary has a rate of 0% and no nature that says why."),
        _("Give the summary the nature of its lines."),
    ),
    "00430": Advice(
        _("The VAT summary at {rate}% also has the nature {found}, which is only for amounts without VAT."),
        _("Take the nature away, or set the rate to 0."),
    ),
    "00437": Advice(
        _("A discount or surcharge of the document has neither a percentage nor an amount."),
        _("Write one of the two, or take the discount away."),
    ),
    "00438": Advice(
        _("A discount or surcharge of line {number} ({description}) has neither a percentage nor an amount."),
        _("Write one of the two, or take the discount away."),
    ),
    "00443": Advice(
        _("The lines have the VAT rates {expected}, the VAT summaries {found}; {rates} stands on one side only."),
        _("Add the missing VAT summary, or correct the rate of the line."),
    ),
    "00444": Advice(
        _("The nature {natures} stands on the lines only, or on the VAT summaries only."),
        _("Give lines and summaries the same nature."),
    ),
    "00445": Advice(
        _("The nature {found} is no longer allowed without its second number."),
        _("Choose the exact one, for example {found}.1 or {found}.2."),
    ),
    "00460": Advice(
        _("The simplified invoice comes to {found}; the limit is {expected} euros."),
        _("Write an ordinary invoice, or name the invoice that this one corrects."),
    ),
    "00471": Advice(
        _("Seller and buyer are the same ({found}), which {type} does not allow."),
        _("Correct the seller or the buyer, or choose the right type of document (TD21 and TD27 are for oneself)."),
    ),
    "00472": Advice(
        _("{type} is a document to oneself, but the seller is {expected} and the buyer {found}."),
        _("Write the same company as seller and buyer, or choose another type of document."),
    ),
    "00473": Advice(
        _("The country of the seller, {found}, does not fit {type}."),
        _("In TD17, TD18, TD19 and TD28 the seller is abroad, in TD29 in Italy: correct the seller or the type."),
    ),
    "00474": Advice(
        _("Line {number} ({description}) has a VAT rate of 0%, which TD21 does not allow."),
        _("Give every line the VAT rate that is due."),
    ),
    "00475": Advice(
        _("{type} needs the buyer's VAT number, and it is missing."),
        _("Write the VAT number of the buyer."),
    ),
    "00476": Advice(
        _("Seller ({seller}) and buyer ({buyer}) are both abroad; one of them must be Italian."),
        _("Correct the country of the VAT number that is wrong."),
    ),
    "vat-id-check": Advice(
        _("The VAT number {found} cannot be right: its last digit does not fit the others."),
        _("Compare it with the company's papers; SDI refuses numbers it does not know."),
    ),
    "tax-id-check": Advice(
        _("The tax code {found} cannot be right: its last character does not fit the others."),
        _("Compare it with the person's or company's papers; SDI refuses codes it does not know."),
    ),
    "iban-check": Advice(
        _("The IBAN {found} cannot be right: its check digits do not fit."),
        _("Compare it with the bank's papers before anybody pays."),
    ),
    "recipient-abroad": Advice(
        _("The buyer is abroad, but the recipient code is {found}."),
        _("For buyers abroad write {expected}."),
    ),
    "total-differs": Advice(
        _("The total of the document is {found}, but its VAT summaries come to {expected}."),
        _("Correct the total. It contains the VAT and is not reduced by withholding tax."),
    ),
    "payments-differ": Advice(
        _("The payments add up to {found}, but {expected} is to be paid."),
        _("Look whether an advance was paid; else correct the amounts of the payments."),
    ),
    "withholding-differs": Advice(
        _("The withholding tax is {found}, but {rate}% of {base} is {expected}."),
        _("Correct the amount or the rate, or mark the lines that are subject to it."),
    ),
    "withholding-of-nothing": Advice(
        _("There is a withholding, but no line is marked as subject to it."),
        _("Mark the lines that are subject to withholding."),
    ),
    "fund-differs": Advice(
        _("The contribution is {found}, but {rate}% of {base} is {expected}."),
        _("Correct the contribution, its rate or its base."),
    ),
    "line-total-close": Advice(
        _("Line {number} says {found}, but price, discounts and quantity give {expected}: more than a cent apart."),
        _("SDI lets this pass today, against its own rule. Write the price with more decimals."),
    ),
    "stamp-missing": Advice(
        _(
            "Amounts without VAT come to {found}; above {expected} stamp duty is due, and the document does "
            "not say that it is paid."
        ),
        _("Add the virtual stamp (2.00 euros) unless the document is exempt from it."),
    ),
    "no-cig-cup": Advice(
        _("The invoice to the administration has neither CIG nor CUP."),
        _("Take them from the order or the contract; without them the office may refuse the invoice."),
    ),
    "no-delivery-note": Advice(
        _("The deferred invoice names no delivery note."),
        _("Add number and date of the delivery notes it sums up."),
    ),
    "attachment-empty": Advice(
        _("The attachment {name} is empty."),
        _("Attach the file again, or take it out."),
    ),
    "attachment-kind": Advice(
        _("The attachment {name} is called {found}, but its content is something else."),
        _("Open it with care. If you issue the invoice, attach the right file."),
    ),
}
"""By code: of SDI, and ours."""
