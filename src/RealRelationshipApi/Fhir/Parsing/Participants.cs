using Hl7.Fhir.Model;

using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Instruments;
using RealRelationshipApi.Sessions;
using RealRelationshipApi.Sessions.Ingest;

namespace RealRelationshipApi.Fhir.Parsing;

/// <summary>Keys of the persons, session and treatment that a score belongs to.</summary>
/// <param name="Patient">Key of the patient.</param>
/// <param name="Rater">The role of the person who rated.</param>
/// <param name="Therapist">Key of the therapist.</param>
/// <param name="Session">Key of the session.</param>
/// <param name="SessionNumber">Number of the session, from the resource itself.</param>
/// <param name="Encounter">What the encounter in the same bundle says; null if it is not there.</param>
internal sealed record ParticipantKeys(string? Patient, ScoreRater? Rater, string? Therapist, string? Session, long? SessionNumber, EncounterKeys? Encounter)
{
    /// <summary>The rater as far as the resource names one, whatever the instrument.</summary>
    public ScoreRater? NamedRater { get; init; }
}
/// <summary>Reads the participants and the encounter of a resource.</summary>
internal static class Participants
{
    private static readonly string[] s_practitionerTypes = ["Practitioner", "PractitionerRole"];

    /// <param name="reading">The resource.</param>
    /// <param name="resource">The resource.</param>
    /// <param name="subject">The patient.</param>
    /// <param name="encounter">The session.</param>
    /// <param name="raters">Candidate raters with their FHIRPath: a patient among them is the rater; a practitioner is the therapist.</param>
    /// <param name="recorder">Who may only have recorded what the raters answered: as a practitioner the therapist, if the raters are none.</param>
    /// <param name="scored">The scale, which determines the rater when only one role can rate it.</param>
    /// <param name="measure">Index of the measure in the request, for errors.</param>
    public static ParticipantKeys ResolveParticipants(this ResourceReading reading, DomainResource resource, ResourceReference? subject,
        ResourceReference? encounter, IReadOnlyList<(ResourceReference Reference, string Place)> raters, ScoredScale? scored, int measure = 0,
        (ResourceReference Reference, string Place)? recorder = null)
    {
        var ratersPlace = raters.Count > 0 ? raters[0].Place : $"{reading.FhirPath}.{(resource is Observation ? "performer" : "source")}";
        reading.MapPointer("#/patient", $"{reading.FhirPath}.subject");
        reading.MapPointer("#/session", $"{reading.FhirPath}.encounter");
        reading.MapPointer($"#/measures/{measure}/rater", ratersPlace);
        var patient = reading.Resolve(subject, $"{reading.FhirPath}.subject", "Patient");
        var session = reading.Resolve(encounter, $"{reading.FhirPath}.encounter", "Encounter");
        var (isByPatient, therapist) = ResolveRaters(reading, raters, patient);
        CheckSource(reading, resource, scored);
        var encounterResource = session?.Resource as Encounter;
        return new(patient?.Key, DetermineRater(reading, scored, isByPatient, therapist is not null, ratersPlace),
            therapist ?? RecordingTherapist(reading, recorder), session?.Key,
            reading.SessionNumber(resource, reading.FhirPath),
            encounterResource is null ? null : reading.ReadEncounter(encounterResource, $"{reading.FhirPath}.encounter.resolve()"))
        {
            NamedRater = isByPatient ? ScoreRater.Client : therapist is null ? null : ScoreRater.Therapist,
        };
    }

    /// <summary>The session with the keys of its participants.</summary>
    public static SessionRequest With(this SessionRequest session, ParticipantKeys participants, DateTimeOffset? occurredAt) => session with
    {
        Patient = participants.Patient,
        Therapist = participants.Therapist,
        Session = participants.Session,
        SessionNumber = participants.SessionNumber,
        Encounter = participants.Encounter,
        OccurredAt = occurredAt,
    };

    /// <summary>Reads what an encounter says about its session; keys that are none are errors.</summary>
    public static EncounterKeys ReadEncounter(this ResourceReading reading, Encounter encounter, string place) =>
        new(TherapistOf(reading, encounter, $"{place}.participant"), EpisodeOf(reading, encounter, $"{place}.episodeOfCare"),
            SessionNumberOf(reading, encounter, place));

    private static long? SessionNumberOf(ResourceReading reading, Encounter encounter, string place)
    {
        var number = reading.SessionNumber(encounter, place);
        if (number is < 1 or > SessionValidator.MaxSessionNumber)
        {
            reading.AddError(place, InstrumentErrorCodes.OutOfRange, $"must have a session number from 1 to {SessionValidator.MaxSessionNumber}");
        }

        return number;
    }

    private static string? EpisodeOf(ResourceReading reading, Encounter encounter, string place) =>
        CheckKey(reading, reading.Resolve(encounter.EpisodeOfCare.FirstOrDefault(), place, "EpisodeOfCare")?.Key, place);

    private static string? CheckKey(ResourceReading reading, string? key, string place)
    {
        if (key is not null && !SourceKeyRules.IsKey(key))
        {
            reading.AddError(place, "notAKey", SourceKeyRules.Message);
        }

        return key;
    }

    private static (bool IsByPatient, string? Therapist) ResolveRaters(ResourceReading reading,
        IReadOnlyList<(ResourceReference Reference, string Place)> raters, ResolvedReference? patient)
    {
        var (isByPatient, therapist) = (false, (string?)null);
        foreach (var (reference, place) in raters)
        {
            switch (reading.Resolve(reference, place))
            {
                case { Type: "Patient" } by:
                    isByPatient = true;
                    if (patient is not null && by.Key != patient.Key)
                    {
                        reading.AddError(place, InstrumentErrorCodes.WrongRater, "is another patient than the subject");
                    }

                    break;
                case { Type: { } type } by when s_practitionerTypes.Contains(type):
                    if (therapist is null)
                    {
                        therapist = by.Key;
                        reading.MapPointer("#/therapist", place);
                    }

                    break;
                case { Type: "RelatedPerson" }:
                    reading.AddError(place, InstrumentErrorCodes.WrongRater,
                        "is neither the patient nor a practitioner: only what client or therapist scored is taken");
                    break;
                case { Type: null } by when by.Key == patient?.Key:
                    isByPatient = true;
                    break;
                case { Type: null }:
                    reading.AddError(place, FhirErrorCodes.WrongType, "does not tell of what type it is: add Reference.type");
                    break;
                default:
                    // Organizations and devices are not raters.
                    break;
            }
        }

        return (isByPatient, therapist);
    }

    private static string? RecordingTherapist(ResourceReading reading, (ResourceReference Reference, string Place)? recorder)
    {
        if (recorder is not { } by || !s_practitionerTypes.Contains(reading.ResolveType(by.Reference)))
        {
            return null;
        }

        reading.MapPointer("#/therapist", by.Place);
        return reading.Resolve(by.Reference, by.Place)?.Key;
    }

    // The source of a response is its rater; an author or performer may only have recorded it.
    private static void CheckSource(ResourceReading reading, DomainResource resource, ScoredScale? scored)
    {
        if (resource is not QuestionnaireResponse { Source: { } source } || scored is null || scored.Instrument.Raters.Contains(ScoreRater.Therapist)
            || reading.ResolveType(source) is null or "Patient" or "RelatedPerson")
        {
            return;
        }

        reading.AddError($"{reading.FhirPath}.source", InstrumentErrorCodes.WrongRater,
            $"is not the patient, who alone answers {scored.Instrument.Code}; whoever recorded the answers is the author");
    }

    private static ScoreRater? DetermineRater(ResourceReading reading, ScoredScale? scored, bool isByPatient, bool hasPractitioner, string place)
    {
        if (isByPatient)
        {
            return ScoreRater.Client;
        }

        if (scored?.Instrument.Raters is [var only])
        {
            return only;
        }

        if (!hasPractitioner && scored is not null)
        {
            reading.AddError(place, ErrorCodes.Required, $"is required: {scored.Instrument.Code} is scored by client or therapist, and nothing says by whom");
        }

        return hasPractitioner ? ScoreRater.Therapist : null;
    }

    private static string? TherapistOf(ResourceReading reading, Encounter encounter, string place)
    {
        foreach (var participant in encounter.Participant)
        {
            if (reading.Resolve(participant.Individual, place) is { Type: { } type, Key: var key } && s_practitionerTypes.Contains(type))
            {
                return CheckKey(reading, key, place);
            }
        }

        return null;
    }
}
