using Hl7.Fhir.Model;

using RealRelationshipApi.Fhir.Parsing.Forms;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Sessions;

namespace RealRelationshipApi.Fhir.Parsing;

/// <summary>Reads an Observation that has one score, or the items of a form as components.</summary>
internal static class ObservationReader
{
    // Each is looked up and stored.
    private const int MaxIdentifiers = 100;

    /// <summary>Returns a session with one measure.</summary>
    public static SessionRequest Read(ResourceReading reading, Observation observation)
    {
        var at = reading.FhirPath;
        var status = FhirStatusMapper.ToMeasureStatus(observation.Status);
        var identifier = reading.ChooseIdentifier(observation, observation.Identifier);
        var index = identifier is null ? 0 : observation.Identifier.IndexOf(identifier);
        var sourceSystem = reading.SourceSystem(observation, identifier, $"{at}.identifier[{index}]");
        var hasTooMany = observation.Identifier.Count > MaxIdentifiers;
        if (hasTooMany)
        {
            reading.AddError($"{at}.identifier", "tooMany", $"may hold {MaxIdentifiers} identifiers at the most");
        }

        var measure = new MeasureRequest
        {
            SourceId = ReadSourceId(reading, observation, identifier, sourceSystem, $"{at}.identifier[{index}]"),
            Version = reading.Version(observation, status, sourceSystem), Status = status,
            OtherKeys = hasTooMany ? [] : [.. reading.OtherKeysOf(observation, observation.Identifier, identifier)],
        };
        return status == MeasureStatus.EnteredInError
            ? new() { SourceSystem = sourceSystem, Measures = [measure] }
            : ReadScored(reading, observation, sourceSystem, measure);
    }

    /// <summary>Whether it is certainly no score: it has no number and is of no instrument, or it is an item or the empty panel of a form whose total is an
    /// Observation of its own (US Core).</summary>
    public static bool IsNoScore(ResourceReading reading, Observation observation)
    {
        var silent = new ResourceReading(reading.FhirPath, reading.BundleContext, reading.Intake, reading.ReceivedAt) { IsLenient = true };
        var scored = silent.ResolveCodings(observation.Code, reading.FhirPath);
        var isItem = observation.Code?.Coding.Exists(c =>
            c.System == FhirConstants.LoincCodeSystem && c.Code is { } code && FormQuestions.FindByCode(code) is { } panel && panel.Panel != code) == true;
        return scored is null ? isItem || !(NumericValueReader.IsNumber(observation.Value)
                || observation.Component.Exists(c => NumericValueReader.IsNumber(c.Value)))
            : observation is { Value: null, Component: [], HasMember.Count: > 0 };
    }

    private static SessionRequest ReadScored(ResourceReading reading, Observation observation, string sourceSystem, MeasureRequest measure)
    {
        var at = reading.FhirPath;
        var scored = reading.ResolveCodings(observation.Code, $"{at}.code");
        var participants = reading.ResolveParticipants(observation, observation.Subject, observation.Encounter,
            [.. observation.Performer.Select((p, i) => (p, $"{at}.performer[{i}]"))], scored);
        reading.MapPointer("#/measures/0/instrument", $"{at}.code");
        reading.MapPointer("#/measures/0/scale", $"{at}.code");
        reading.MapPointer("#/measures/0/score", $"{at}.value");
        reading.MapPointer("#/measures/0/aggregation", $"{at}.value");
        reading.MapPointer("#/measures/0/items", $"{at}.component");
        var collector = scored is null ? null : new ItemCollector(reading, scored.Instrument).Collect(
        [
            .. observation.Component.Select((component, i) => new FormAnswer([.. component.Code?.Coding.Select(c => c.Code).OfType<string>() ?? []],
                component.Value, $"{at}.component[{i}]", $"{at}.component[{i}].value")),
        ]);
        CheckDataAbsentReasons(reading, observation);
        return new()
        {
            SourceSystem = sourceSystem, Patient = participants.Patient, Therapist = participants.Therapist, Session = participants.Session,
            SessionNumber = participants.SessionNumber, Encounter = participants.Encounter,
            OccurredAt = ReadEffective(reading, observation.Effective, $"{at}.effective"),
            Measures =
            [
                measure with
                {
                    Named = scored is null ? null : reading.NamingOf(InstrumentResolver.NameOf(observation.Code), participants.NamedRater, scored,
                        other => other.ResolveCodings(observation.Code, $"{at}.code")),
                    Instrument = scored?.Instrument.Code, Scale = scored?.Scale, Rater = participants.Rater, Items = collector?.Items,
                    KeyedItems = collector?.KeyedItems,
                    Score = observation.Value is null ? collector?.Total
                        : scored is null ? reading.ReadNumber(observation.Value, $"{at}.value")
                        : reading.ReadTotal(observation.Value, $"{at}.value", scored.Instrument),
                    Aggregation = observation.Value is null ? collector?.Aggregation : NumericValueReader.ReadAggregation(observation.Value),
                    Administration = ReadOriginal(reading, observation, scored?.Instrument.Code, sourceSystem),
                },
            ],
        };
    }

    private static string ReadSourceId(ResourceReading reading, Observation observation, Identifier? identifier, string sourceSystem, string place)
    {
        reading.MapPointer("#/measures/0/sourceId", identifier is null ? $"{reading.FhirPath}.id" : $"{place}.value");
        if (ReferenceResolver.SourceId(observation, identifier, sourceSystem) is { } key)
        {
            return key;
        }

        reading.AddError($"{reading.FhirPath}.identifier", ErrorCodes.Required, "is required, or an id: by it the same Observation is known again");
        return "";
    }

    private static DateTimeOffset? ReadEffective(ResourceReading reading, DataType? effective, string place)
    {
        var text = effective switch
        {
            FhirDateTime time => time.Value,
            Instant instant => instant.Value?.ToString("O", System.Globalization.CultureInfo.InvariantCulture),
            Period period => period.Start,
            _ => null,
        };
        if (effective is not null && text is null)
        {
            reading.AddError(place, ErrorCodes.Required, "must say when: effectiveDateTime, effectiveInstant, or effectivePeriod with its start");
        }

        return reading.Instant(text, place);
    }

    // R4 allows one of the two.
    private static void CheckDataAbsentReasons(ResourceReading reading, Observation observation)
    {
        const string Detail = "says that there is no value, beside a value: send one of the two";
        if (observation is { Value: not null, DataAbsentReason: not null })
        {
            reading.AddError($"{reading.FhirPath}.dataAbsentReason", FhirErrorCodes.NoScore, Detail);
        }

        foreach (var (i, _) in observation.Component.Index().Where(c => c.Item is { Value: not null, DataAbsentReason: not null }))
        {
            reading.AddError($"{reading.FhirPath}.component[{i}].dataAbsentReason", FhirErrorCodes.NoScore, Detail);
        }
    }

    // A response in the same bundle is identified by its own key, any other by the key of the reference.
    private static AdministrationReference? ReadOriginal(ResourceReading reading, Observation observation, string? instrument, string sourceSystem)
    {
        for (var i = 0; i < observation.DerivedFrom.Count; i++)
        {
            var reference = observation.DerivedFrom[i];
            if (reading.BundleContext.Find(reference.Reference ?? "") is QuestionnaireResponse response)
            {
                return QuestionnaireResponseReader.OriginalOf(reading, response, instrument, sourceSystem);
            }

            if (reference.Reference is null && reference is { Type: "QuestionnaireResponse", Identifier: { Value: { } value } identifier })
            {
                return new(ReferenceResolver.ToKey(identifier.System, value, sourceSystem), IsCopy: true);
            }

            if (reference.Reference?.StartsWith("QuestionnaireResponse?", StringComparison.Ordinal) == true
                && ReferenceResolver.ParseIdentifierSearch(reference.Reference["QuestionnaireResponse".Length..]) is { } searched)
            {
                return new(ReferenceResolver.ToKey(searched.System, searched.Value, sourceSystem), IsCopy: true);
            }

            if (reading.Resolve(reference, $"{reading.FhirPath}.derivedFrom[{i}]") is { Type: "QuestionnaireResponse", Key: var key })
            {
                return new(key.Contains('/', StringComparison.Ordinal) ? key : $"QuestionnaireResponse/{key}", IsCopy: true);
            }
        }

        return null;
    }
}
