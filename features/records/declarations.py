"""Declarations: one row a goods item; the items of one declaration together are a shipment."""

from __future__ import annotations

from features.records.fields import (
    Amount,
    Country,
    Currency,
    HsCode,
    Identifier,
    ItemNumber,
    Kilograms,
    Percent,
    PersonIdentifier,
    Record,
    Text,
    Timestamp,
    TransportMode,
    element,
    when_known,
    withdrawal,
)

__all__ = ["Declaration"]

_ITEM = "GoodsShipment/GovernmentAgencyGoodsItem"


class Declaration(Record):
    """A goods item of a customs declaration."""

    declaration_id: Identifier = element(
        "Number of the declaration.", wco="Declaration/ID", examples=["26NL000510A1B2C3D4"]
    )
    item_number: ItemNumber = element(
        "Number of the goods item within the declaration.",
        wco=f"{_ITEM}/SequenceNumeric",
        default=1,
    )
    occurred_at: Timestamp = element(
        "When the declaration was lodged, UTC.",
        wco="AcceptanceDateTime",
        examples=["2026-03-02T09:15:00Z"],
    )
    known_at: Timestamp | None = when_known()
    importer_id: PersonIdentifier = element(
        "Identifier of the importer.", wco="GoodsShipment/Importer/ID", examples=["NL823344112"]
    )
    hs_code: HsCode = element(
        "Harmonized System code, 6 digits or more, editions 2012 to 2022.",
        wco=f"{_ITEM}/Commodity/Classification/ID",
        examples=["847130"],
    )
    origin_country: Country = element(
        "Country of origin of the goods, ISO 3166-1 alpha-2; ZZ is unknown.",
        wco=f"{_ITEM}/Origin/CountryCode",
        examples=["CN"],
    )
    net_mass_kg: Kilograms = element(
        "Net mass of the item.",
        unit="kg",
        wco=f"{_ITEM}/Commodity/GoodsMeasure/NetNetWeightMeasure",
        examples=[120.5],
    )
    customs_value: Amount = element(
        "Customs value of the item, in the currency named beside it.",
        unit="currency",
        wco=f"{_ITEM}/CustomsValueAmount",
        examples=[45000.0],
    )
    currency: Currency = element(
        "Currency of the customs value, ISO 4217.",
        wco="CustomsValueAmount/@currencyID",
        examples=["EUR"],
    )
    office_id: Identifier | None = element(
        "Customs office where the declaration was lodged.", wco="DeclarationOfficeID", default=None
    )
    declarant_id: PersonIdentifier | None = element(
        "Identifier of the declarant or broker.", wco="Declarant/ID", default=None
    )
    exporter_id: PersonIdentifier | None = element(
        "Identifier of the exporter or seller.", wco="Exporter/ID", default=None
    )
    carrier_id: PersonIdentifier | None = element(
        "Identifier of the carrier or courier.", wco="BorderTransportMeans/Carrier/ID", default=None
    )
    goods_description: Text | None = element(
        "Description of the goods.", wco=f"{_ITEM}/Commodity/Description", default=None
    )
    departure_country: Country | None = element(
        "Country the goods were sent from, ISO 3166-1 alpha-2.",
        wco="ExportCountry/ID",
        default=None,
    )
    destination_country: Country | None = element(
        "Country of destination, ISO 3166-1 alpha-2.",
        wco="GoodsShipment/Destination/CountryCode",
        default=None,
    )
    transport_mode: TransportMode | None = element(
        "Mode of transport at the border, UN/ECE Recommendation 19, first digit.",
        wco="BorderTransportMeans/ModeCode",
        default=None,
    )
    transport_id: PersonIdentifier | None = element(
        "Registration of the means of transport.", wco="BorderTransportMeans/ID", default=None
    )
    container_id: Identifier | None = element(
        "Container number, ISO 6346.", wco="Consignment/TransportEquipment/ID", default=None
    )
    gross_mass_kg: Kilograms | None = element(
        "Gross mass of the item.",
        unit="kg",
        wco=f"{_ITEM}/Commodity/GoodsMeasure/GrossMassMeasure",
        default=None,
    )
    duty_rate_pct: Percent | None = element(
        "Rate of duty applied, ad valorem.",
        unit="%",
        wco=f"{_ITEM}/Commodity/DutyTaxFee/TaxRateNumeric",
        default=None,
    )
    # What further the Korean release carries; other agencies may file these too.
    process_type: Text | None = element("Kind of clearance process, national code.", default=None)
    import_type: Text | None = element("Kind of import, national code.", default=None)
    import_use: Text | None = element("Intended use of the goods, national code.", default=None)
    payment_type: Text | None = element("How the price is settled, national code.", default=None)
    tax_type: Text | None = element("Tariff treatment claimed, national code.", default=None)
    origin_indicator: Text | None = element(
        "How the origin is marked or proved, national code.", default=None
    )
    cancelled: bool = withdrawal()
