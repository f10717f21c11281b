CREATE TABLE `revocations` (
	`key` text PRIMARY KEY NOT NULL,
	`user_id` text,
	`until` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `revocations_until` ON `revocations` (`until`);--> statement-breakpoint
CREATE TABLE `sessions` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`secret_hash` text NOT NULL,
	`nonce` text NOT NULL,
	`previous_nonce` text,
	`rotated_at` integer NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`ended_at` integer
);
--> statement-breakpoint
CREATE INDEX `sessions_user` ON `sessions` (`user_id`);--> statement-breakpoint
CREATE TABLE `sign_in_failures` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`client` text NOT NULL,
	`at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `sign_in_failures_client` ON `sign_in_failures` (`client`,`at`);