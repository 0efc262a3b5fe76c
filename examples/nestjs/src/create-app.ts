import "reflect-metadata";
import { type INestApplication, Module } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { ImagesController } from "./images.controller.ts";
import { JobsModule } from "./jobs.module.ts";

/** Makes the application on a database. */
export async function createApp(databaseUrl: string | undefined): Promise<INestApplication> {
  @Module({ imports: [JobsModule.forDatabase(databaseUrl)], controllers: [ImagesController] })
  class AppModule {}

  const app = await NestFactory.create(AppModule, { logger: ["error", "warn"] });
  // SIGTERM and SIGINT close the application, and with it the worker.
  app.enableShutdownHooks();
  return app;
}
