using Hl7.Fhir.Model;

using RealRelationshipApi.Http;
using RealRelationshipApi.Sessions;

namespace RealRelationshipApi.Fhir;

/// <summary>Reads an Observation: one score, or the items of a form as its components.</summary>
internal static class ObservationReader
{
    /// <summary>The measure as a session of its own.</summary>
    public static SessionRequest Read(Reading reading, Observation observation)
    {
        var at = reading.At;
        var status = FhirStatus.Of(observation.Status);
        var index = Math.Max(0, observation.Identifier.FindIndex(i => i.Value is not null));
        var identifier = observation.Identifier.ElementAtOrDefault(index);
        var sourceSystem = reading.SourceSystem(observation, identifier, $"{at}.identifier[{index}]");
        var measure = new MeasureRequest { SourceId = Identity(reading, observation, identifier, sourceSystem, $"{at}.identifier[{index}]"), Version = reading.Version(observation, status), Status = status };
        return status == MeasureStatus.EnteredInError
            ? new() { SourceSystem = sourceSystem, Measures = [measure] }
            : Scored(reading, observation, sourceSystem, measure);
    }

    private static SessionRequest Scored(Reading reading, Observation observation, string sourceSystem, MeasureRequest measure)
    {
        var at = reading.At;
        var scored = reading.ByCodings(observation.Code, $"{at}.code");
        var roles = reading.Roles(observation, observation.Subject, observation.Encounter, [.. observation.Performer.Select((p, i) => (p, $"{at}.performer[{i}]"))], scored);
        reading.Stands("#/measures/0/instrument", $"{at}.code");
        reading.Stands("#/measures/0/scale", $"{at}.code");
        reading.Stands("#/measures/0/score", $"{at}.value");
        reading.Stands("#/measures/0/aggregation", $"{at}.value");
        reading.Stands("#/measures/0/items", $"{at}.component");
        var sheet = scored is null ? null : new ItemSheet(reading, scored.Instrument);
        foreach (var (i, component) in observation.Component.Index())
        {
            var place = $"{at}.component[{i}]";
            sheet?.Take([.. component.Code?.Coding.Select(c => c.Code).OfType<string>() ?? []], component.Value is null ? null : reading.Number(component.Value, $"{place}.value"), place);
        }

        return new()
        {
            SourceSystem = sourceSystem, Patient = roles.Patient, Therapist = roles.Therapist, Episode = roles.Episode, Session = roles.Session, SessionNumber = roles.SessionNumber,
            OccurredAt = reading.Instant(When(observation), $"{at}.effective"),
            Measures =
            [
                measure with
                {
                    Instrument = scored?.Instrument.Code, Scale = scored?.Scale, Rater = roles.Rater, Items = sheet?.Items,
                    Score = observation.Value is null ? sheet?.Total : reading.Number(observation.Value, $"{at}.value"), Aggregation = AnswerNumbers.Aggregation(observation.Value),
                    Administration = Original(reading, observation, sourceSystem) is { } original ? new(original, IsCopy: true) : null,
                },
            ],
        };
    }

    private static string Identity(Reading reading, Observation observation, Identifier? identifier, string sourceSystem, string place)
    {
        reading.Stands("#/measures/0/sourceId", identifier is null ? $"{reading.At}.id" : $"{place}.value");
        if (Naming.SourceId(observation, identifier, sourceSystem) is { } key)
        {
            return key;
        }

        reading.Refuse($"{reading.At}.identifier", FaultCodes.Required, "is required, or an id: by it the same Observation is known again");
        return "";
    }

    private static string? When(Observation observation) => observation.Effective switch
    {
        FhirDateTime time => time.Value,
        Instant instant => instant.Value?.ToString("O", System.Globalization.CultureInfo.InvariantCulture),
        Period period => period.Start,
        _ => null,
    };

    // The response in this bundle by its own key; one that came, or will come, by the key that the reference gives.
    private static string? Original(Reading reading, Observation observation, string sourceSystem)
    {
        for (var i = 0; i < observation.DerivedFrom.Count; i++)
        {
            var reference = observation.DerivedFrom[i];
            if (reading.Neighbours.At(reference.Reference ?? "") is QuestionnaireResponse response)
            {
                return Naming.SourceId(response, response.Identifier, sourceSystem);
            }

            if (reference.Reference is null && reference is { Type: "QuestionnaireResponse", Identifier: { Value: { } value } identifier })
            {
                return Naming.Key(identifier.System, value, sourceSystem);
            }

            if (reference.Reference?.StartsWith("QuestionnaireResponse?", StringComparison.Ordinal) == true && Naming.IdentifierSearch(reference.Reference["QuestionnaireResponse".Length..]) is { } searched)
            {
                return Naming.Key(searched.System, searched.Value, sourceSystem);
            }

            if (reading.Follow(reference, $"{reading.At}.derivedFrom[{i}]") is { Type: "QuestionnaireResponse", Key: var key })
            {
                return key.Contains('/', StringComparison.Ordinal) ? key : $"QuestionnaireResponse/{key}";
            }
        }

        return null;
    }
}
